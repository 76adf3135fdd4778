/** Whether a person who looks at the window sees an element: it is in sight, and nothing lies over its middle. */
export function isSeen(element: Element): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const x = (Math.max(0, left) + Math.min(window.innerWidth, right)) / 2;
  const y = (Math.max(0, top) + Math.min(window.innerHeight, bottom)) / 2;
  if (document.visibilityState !== 'visible' || right <= left || bottom <= top) {
    return false;
  }
  const above = document.elementFromPoint(x, y);
  return above !== null && element.contains(above);
}

/** Whether some panel shows the reproduction of a run where it is seen. */
export function seesReproduction(run: string): boolean {
  return [...document.querySelectorAll<HTMLElement>('.bioml-Reproduction')].some(
    element => element.dataset.run === run && isSeen(element)
  );
}
