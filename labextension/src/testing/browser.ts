/** What JupyterLab's widgets need of a browser and the tests' one lacks; to be imported first. */

class FakeDragEvent extends MouseEvent {}

/** Every element that is observed is seen at once, and no more when it is not observed. */
class SeenAtOnce {
  constructor(private readonly tell: (entries: { isIntersecting: boolean }[]) => void) {}

  observe(): void {
    this.tell([{ isIntersecting: true }]);
  }

  disconnect(): void {
    this.tell([{ isIntersecting: false }]);
  }
}

/** Nothing is laid out, so no size ever changes. */
class NoSizes {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

/** No media query holds. */
function matchMedia(media: string): object {
  const quiet = (): void => undefined;
  return {
    media,
    matches: false,
    addListener: quiet,
    removeListener: quiet,
    addEventListener: quiet,
    removeEventListener: quiet
  };
}

/** The browser is idle at once. */
function requestIdleCallback(work: () => void): ReturnType<typeof setTimeout> {
  return setTimeout(work, 0);
}

Object.assign(globalThis, {
  matchMedia,
  requestIdleCallback,
  DragEvent: FakeDragEvent,
  IntersectionObserver: SeenAtOnce,
  ResizeObserver: NoSizes
});
