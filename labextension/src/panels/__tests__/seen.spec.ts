import { isSeen, seesReproduction } from '../seen';

/** An element at a place of the window (1024 × 768). */
function place(left: number, top: number, width: number, height: number): HTMLElement {
  const element = document.body.appendChild(document.createElement('div'));
  element.className = 'bioml-Reproduction';
  element.dataset.run = 'run-1';
  element.getBoundingClientRect = () => ({
    ...new DOMRect(),
    left,
    top,
    right: left + width,
    bottom: top + height
  });
  return element;
}

let asked: number[][];
let above: Element | null;

beforeAll(() => {
  (globalThis as { DOMRect?: unknown }).DOMRect ??= class {};
});

beforeEach(() => {
  document.body.innerHTML = '';
  asked = [];
  above = null;
  document.elementFromPoint = (x, y) => {
    asked.push([x, y]);
    return above;
  };
});

afterEach(() => Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'visible' }));

describe('an element', () => {
  it('is seen where it, or a part of it, is on top', () => {
    const element = place(100, 100, 200, 40);
    above = element.appendChild(document.createElement('span'));
    expect(isSeen(element)).toBe(true);
    expect(asked).toEqual([[200, 120]]);
  });

  it('is looked for in the middle of what is in the window', () => {
    const element = place(-100, 700, 200, 136);
    above = element;
    expect(isSeen(element)).toBe(true);
    expect(asked).toEqual([[50, 734]]);
  });

  it('is not seen under something else, nor outside of the window', () => {
    const element = place(100, 100, 200, 40);
    above = document.body;
    expect(isSeen(element)).toBe(false);
    above = null;
    expect(isSeen(element)).toBe(false);
  });

  it('is not seen without a size, nor in a window that is hidden', () => {
    above = place(100, 100, 0, 0);
    expect(isSeen(above)).toBe(false);
    above = place(100, 100, 200, 40);
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: 'hidden' });
    expect(isSeen(above)).toBe(false);
  });
});

describe('the reproduction of a run', () => {
  it('is seen where one of the panels that show it is', () => {
    place(0, 0, 0, 0);
    above = place(100, 100, 200, 40);
    expect(seesReproduction('run-1')).toBe(true);
    expect(seesReproduction('run-2')).toBe(false);
    expect(seesReproduction('"] *, [x="')).toBe(false);
  });
});
