import '../../testing/browser';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { DisposableDelegate } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { fireEvent, waitFor, within } from '@testing-library/dom';
import { trans } from '../../testing/pages';
import type { ITracking, TrackingState } from '../../tokens';
import { TrackToggleItem } from '../tracktoggle';
import { whileVisible } from '../whilevisible';

describe('what is held while something is seen', () => {
  type Tell = (entries: { isIntersecting: boolean }[]) => void;
  const observers: { tell: Tell; isOn: boolean }[] = [];
  const original = globalThis.IntersectionObserver;

  beforeEach(() => {
    class ByHand {
      private readonly observer: (typeof observers)[number];
      constructor(tell: Tell) {
        this.observer = { tell, isOn: false };
        observers.push(this.observer);
      }
      observe(): void {
        this.observer.isOn = true;
      }
      disconnect(): void {
        this.observer.isOn = false;
      }
    }
    Object.assign(globalThis, { IntersectionObserver: ByHand });
  });
  afterEach(() => {
    observers.length = 0;
    Object.assign(globalThis, { IntersectionObserver: original });
  });

  it('begins with each appearance, once, and ends with each disappearance', () => {
    const log: string[] = [];
    whileVisible(document.body, () => {
      log.push('begin');
      return new DisposableDelegate(() => log.push('end'));
    });
    const [{ tell }] = observers;
    expect(log).toEqual([]);
    for (const isIntersecting of [true, true, false, false, true]) {
      tell([{ isIntersecting }]);
    }
    expect(log).toEqual(['begin', 'end', 'begin']);
  });

  it('goes by the last of several news', () => {
    const begin = jest.fn(() => new DisposableDelegate(() => undefined));
    whileVisible(document.body, begin);
    observers[0].tell([{ isIntersecting: true }, { isIntersecting: false }]);
    expect(begin).not.toHaveBeenCalled();
  });

  it('ends when nobody follows it any more', () => {
    const end = jest.fn();
    const held = whileVisible(document.body, () => new DisposableDelegate(end));
    observers[0].tell([{ isIntersecting: true }]);
    held.dispose();
    expect([end.mock.calls.length, observers[0].isOn]).toEqual([1, false]);
  });
});

describe('the toggle in a notebook', () => {
  const panel = { id: 'mine' } as unknown as NotebookPanel;
  const other = { id: 'other' } as unknown as NotebookPanel;

  class Tracking implements ITracking {
    now: TrackingState = 'off';
    why: string | null = null;
    cannot: string | null = null;
    readonly changed = new Signal<this, NotebookPanel>(this);
    state = jest.fn(() => this.now);
    detail = (): string | null => this.why;
    unsupported = (): string | null => this.cannot;
    untracked = (): number => 0;
    projectChanged = async (): Promise<void> => undefined;
    set = async (): Promise<void> => undefined;
  }

  let tracking: Tracking;
  let item: TrackToggleItem;
  const acts = { toggle: jest.fn(), menu: jest.fn() };

  beforeEach(() => {
    jest.clearAllMocks();
    tracking = new Tracking();
    item = new TrackToggleItem(panel, tracking, acts.toggle, acts.menu, trans);
    Widget.attach(item, document.body);
  });
  afterEach(() => item.dispose());

  const button = (): Promise<HTMLElement> =>
    within(item.node).findByRole('button', { name: 'Track this notebook' });

  it('follows its own notebook and no other', async () => {
    expect((await button()).getAttribute('aria-pressed')).toBe('false');
    tracking.now = 'on';
    const asked = tracking.state.mock.calls.length;
    tracking.changed.emit(other);
    expect(tracking.state.mock.calls).toHaveLength(asked);
    tracking.changed.emit(panel);
    await waitFor(async () => expect((await button()).getAttribute('aria-pressed')).toBe('true'));
  });

  it('switches, and opens its menu below itself', async () => {
    fireEvent.click(await button());
    const menu = within(item.node).getByRole('button', { name: 'What is tracked' });
    fireEvent.click(menu);
    expect(acts.toggle).toHaveBeenCalledTimes(1);
    expect(acts.menu).toHaveBeenCalledWith(menu);
  });

  it('says why a notebook cannot be tracked, and then does nothing', async () => {
    tracking.cannot = 'Its kernel is not a Python kernel.';
    tracking.changed.emit(panel);
    await waitFor(async () => expect((await button()).title).toBe('Its kernel is not a Python kernel.'));
    fireEvent.click(await button());
    expect(acts.toggle).not.toHaveBeenCalled();
  });

  it('says why tracking is broken', async () => {
    tracking.now = 'broken';
    tracking.why = 'The disk is full. Make room; runs go on.';
    tracking.changed.emit(panel);
    await waitFor(async () => expect((await button()).title).toContain('The disk is full.'));
    expect((await button()).textContent).toBe('⚠Tracked');
  });
});
