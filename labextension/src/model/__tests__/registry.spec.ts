import { Registry } from '../registry';

const ids = (registry: Registry<{ id: string; rank: number }>): string[] =>
  registry.entries.map(({ id }) => id);

describe('Registry', () => {
  it('keeps entries in the order of their ranks, those of one rank as they came', () => {
    const registry = new Registry([
      { id: 'last', rank: 9 },
      { id: 'first', rank: 1 }
    ]);
    registry.add({ id: 'middle', rank: 5 });
    registry.add({ id: 'after middle', rank: 5 });
    expect(ids(registry)).toEqual(['first', 'middle', 'after middle', 'last']);
    expect(registry.get('middle')?.rank).toBe(5);
    expect(registry.get('other')).toBeUndefined();
  });

  it('tells what was added and taken away', () => {
    const registry = new Registry<{ id: string; rank: number }>();
    const told: string[][] = [];
    registry.changed.connect(() => void told.push(ids(registry)));
    const added = registry.add({ id: 'a', rank: 1 });
    added.dispose();
    added.dispose();
    expect(told).toEqual([['a'], []]);
  });

  it('refuses an id that is taken', () => {
    const registry = new Registry([{ id: 'a', rank: 1 }]);
    expect(() => registry.add({ id: 'a', rank: 2 })).toThrow('"a" was added before');
    expect(ids(registry)).toEqual(['a']);
  });
});
