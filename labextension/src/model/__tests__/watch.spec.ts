import { Watch } from '../watch';

const PACE = { quick: 1000, slow: 5000 };

beforeEach(() => {
  jest.useFakeTimers();
  jest.spyOn(Math, 'random').mockReturnValue(0.5); // a poll that fails chooses its next pause by chance
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

/** Let promises and timers of so many milliseconds happen. */
async function pass(milliseconds: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(milliseconds);
}

describe('a watch', () => {
  it('does not look while nobody sees it', async () => {
    const look = jest.fn(async () => false);
    const watch = new Watch(look, PACE);
    watch.soon();
    await pass(20_000);
    expect(look).not.toHaveBeenCalled();
    watch.dispose();
  });

  it('looks at once when it is shown, and rests when it is hidden', async () => {
    const look = jest.fn(async () => false);
    const watch = new Watch(look, PACE);
    watch.isShown = true;
    await pass(300);
    expect(look).toHaveBeenCalledTimes(2);
    watch.isShown = false;
    await pass(30_000);
    expect(look).toHaveBeenCalledTimes(2);
    watch.dispose();
  });

  it('is quick while something happens, slow else', async () => {
    let happens = true;
    const look = jest.fn(async () => happens);
    const watch = new Watch(look, PACE);
    watch.isShown = true;
    await pass(300);
    const first = look.mock.calls.length;
    await pass(3000);
    expect(look.mock.calls.length - first).toBe(3);
    happens = false;
    await pass(1000);
    const second = look.mock.calls.length;
    await pass(4000);
    expect(look.mock.calls.length - second).toBe(0);
    await pass(1500);
    expect(look.mock.calls.length - second).toBe(1);
    watch.dispose();
  });

  it('looks ever more seldom while looks fail, and at once again when told', async () => {
    const look = jest.fn(async (): Promise<boolean> => {
      throw new Error('down');
    });
    const watch = new Watch(look, PACE);
    watch.isShown = true;
    await pass(60_000);
    const calls = look.mock.calls.length;
    expect(calls).toBeLessThan(12);
    watch.soon();
    await pass(10);
    expect(look.mock.calls.length).toBe(calls + 1);
    watch.dispose();
  });

  it('never looks twice at the same time: it looks once more after', async () => {
    let under = 0;
    let most = 0;
    const look = jest.fn(async () => {
      most = Math.max(most, ++under);
      await new Promise(resolve => setTimeout(resolve, 100));
      under--;
      return false;
    });
    const watch = new Watch(look, PACE);
    watch.isShown = true;
    await pass(10);
    void watch.now();
    void watch.now();
    watch.soon();
    await pass(240);
    expect(most).toBe(1);
    expect(look).toHaveBeenCalledTimes(2);
    watch.dispose();
  });

  it('is silent after its end', async () => {
    const look = jest.fn(async () => true);
    const watch = new Watch(look, PACE);
    watch.isShown = true;
    await pass(10);
    const calls = look.mock.calls.length;
    watch.dispose();
    watch.soon();
    await pass(10_000);
    expect(look).toHaveBeenCalledTimes(calls);
    expect(watch.isDisposed).toBe(true);
  });
});
