/** What JupyterLab's widgets need of a browser and the tests' one lacks; to be imported first. */
import { configure } from '@testing-library/dom';

// a machine that does much else is slow to compile and to draw; what is waited for comes much earlier
jest.setTimeout(60_000);
configure({ asyncUtilTimeout: 10_000 });

class FakeDragEvent extends MouseEvent {}

/** Every element counts as seen while it is observed. */
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

/** No server is there. */
function fetch(): Promise<never> {
  return Promise.reject(new TypeError('There is no network in these tests.'));
}

Object.assign(globalThis, {
  fetch,
  Headers: class {},
  Request: class {},
  matchMedia,
  requestIdleCallback,
  DragEvent: FakeDragEvent,
  IntersectionObserver: SeenAtOnce,
  ResizeObserver: NoSizes
});
