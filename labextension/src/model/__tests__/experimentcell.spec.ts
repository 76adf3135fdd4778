import { isExperiment, toggleExperiment, type ITagged } from '../experimentcell';

class Cell implements ITagged {
  constructor(public tags?: unknown) {}

  getMetadata(_: string): unknown {
    return this.tags;
  }

  setMetadata(_: string, value: string[]): void {
    this.tags = value;
  }

  deleteMetadata(_: string): void {
    this.tags = undefined;
  }
}

describe('toggleExperiment', () => {
  it('adds the tag, and takes it away without leaving anything', () => {
    const cell = new Cell();
    toggleExperiment([cell]);
    expect(cell.tags).toEqual(['experiment']);
    expect(isExperiment(cell)).toBe(true);
    toggleExperiment([cell]);
    expect(cell.tags).toBeUndefined();
  });

  it('keeps the other tags', () => {
    const cell = new Cell(['parameters', 'hide']);
    toggleExperiment([cell]);
    expect(cell.tags).toEqual(['parameters', 'hide', 'experiment']);
    toggleExperiment([cell]);
    expect(cell.tags).toEqual(['parameters', 'hide']);
  });

  it('makes all of several cells experiments before it makes none of them', () => {
    const cells = [new Cell(['experiment', 'a']), new Cell(), new Cell(['b'])];
    toggleExperiment(cells);
    expect(cells.map(cell => cell.tags)).toEqual([['experiment', 'a'], ['experiment'], ['b', 'experiment']]);
    toggleExperiment(cells);
    expect(cells.map(cell => cell.tags)).toEqual([['a'], undefined, ['b']]);
  });

  it.each([null, 'experiment', 7, [7, null]])('takes %p for no tags', tags => {
    const cell = new Cell(tags);
    expect(isExperiment(cell)).toBe(false);
    toggleExperiment([cell]);
    expect(cell.tags).toEqual(['experiment']);
  });
});
