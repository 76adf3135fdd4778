/** The tag that makes a cell an experiment; the kernel reads it with each execute request. */
export const EXPERIMENT = 'experiment';

/** What we need of a cell's model. */
export interface ITagged {
  getMetadata(key: string): unknown;
  setMetadata(key: string, value: string[]): void;
  deleteMetadata(key: string): void;
}

/** The cell's tags. */
export function tagsOf(cell: Pick<ITagged, 'getMetadata'>): string[] {
  const tags = cell.getMetadata('tags');
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : [];
}

/** Whether the cell's tag makes it an experiment. */
export function isExperiment(cell: ITagged): boolean {
  return tagsOf(cell).includes(EXPERIMENT);
}

/** Make all of the cells experiments; where all are already, none. Other tags stay as they are. */
export function toggleExperiment(cells: readonly ITagged[]): void {
  const remove = cells.every(isExperiment);
  for (const cell of cells) {
    const others = tagsOf(cell).filter(tag => tag !== EXPERIMENT);
    if (remove && others.length === 0) {
      cell.deleteMetadata('tags');
    } else if (remove || !isExperiment(cell)) {
      cell.setMetadata('tags', remove ? others : [...others, EXPERIMENT]);
    }
  }
}
