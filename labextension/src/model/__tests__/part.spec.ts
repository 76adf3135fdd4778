import { Part } from '../part';

/** Readings that the test ends itself, in any order. */
function controlled(): { read: () => Promise<string>; end: ((value: string | Error) => void)[] } {
  const end: ((value: string | Error) => void)[] = [];
  return {
    end,
    read: () =>
      new Promise((resolve, reject) =>
        end.push(value => (value instanceof Error ? reject(value) : resolve(value)))
      )
  };
}

describe('Part', () => {
  it('reads when it is needed first, and not again', async () => {
    let count = 0;
    let told = 0;
    const part = new Part(
      async () => ++count,
      () => told++
    );
    expect(part.wanted).toBe(false);
    await part.need();
    await part.need();
    expect([part.value, part.wanted, told]).toEqual([1, true, 1]);
  });

  it('keeps what was read before when a reading fails, and tries again when it is needed', async () => {
    const answers: (() => string)[] = [
      () => 'first',
      () => {
        throw new Error('gone');
      },
      () => 'third'
    ];
    const part = new Part(
      async () => answers.shift()?.() ?? '',
      () => undefined
    );
    await part.load();
    await part.load();
    expect([part.value, part.error?.message]).toEqual(['first', 'gone']);
    await part.need();
    expect([part.value, part.error]).toEqual(['third', null]);
  });

  it('makes an error of whatever was thrown', async () => {
    const part = new Part(
      () => Promise.reject('text'),
      () => undefined
    );
    await part.load();
    expect(part.error).toEqual(new Error('text'));
  });

  it('counts only the reading that was asked for last', async () => {
    const { read, end } = controlled();
    const part = new Part(read, () => undefined);
    const [first, second] = [part.load(), part.load()];
    end[1]('second');
    await second;
    end[0]('first');
    await first;
    expect(part.value).toBe('second');
  });

  it('tells nothing after it was disposed', async () => {
    const { read, end } = controlled();
    let told = 0;
    const part = new Part(read, () => told++);
    const loading = part.load();
    part.dispose();
    end[0](new Error('late'));
    await loading;
    expect([part.error, told]).toEqual([null, 0]);
  });
});
