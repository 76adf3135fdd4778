import { DisposableDelegate, type IDisposable } from '@lumino/disposable';

/** Hold something while an element can be seen, from each appearance to the next disappearance. */
export function whileVisible(node: HTMLElement, begin: () => IDisposable): IDisposable {
  let held: IDisposable | null = null;
  const end = (): void => {
    held?.dispose();
    held = null;
  };
  const observer = new IntersectionObserver(entries => {
    const visible = entries[entries.length - 1].isIntersecting;
    if (!visible) {
      end();
    } else if (held === null) {
      held = begin();
    }
  });
  observer.observe(node);
  return new DisposableDelegate(() => {
    observer.disconnect();
    end();
  });
}
