import { aRow } from '../../testing/builders';
import { columnsIn, wideColumns } from '../wide';

const rows = [
  aRow({ record_id: '1', params: { depth: 1, seed: 7 } }),
  aRow({ record_id: '2', params: { depth: 2, seed: 7 } })
];

describe('the columns of a wide list', () => {
  it('are other metrics and the parameters that tell its runs apart, by turns', () => {
    expect(wideColumns(rows, 'auc', ['auc', 'loss', 'recall'])).toEqual([
      { kind: 'metric', key: 'loss' },
      { kind: 'param', key: 'depth' },
      { kind: 'metric', key: 'recall' }
    ]);
  });

  it('are none where nothing tells the runs apart', () => {
    expect(wideColumns([rows[0]], 'auc', ['auc'])).toEqual([]);
  });

  it('are few, however many there are', () => {
    const keys = Array.from({ length: 50 }, (_, index) => `m${index}`);
    expect(wideColumns(rows, 'm0', keys)).toHaveLength(8);
  });

  it('come one by one as the list gets wider', () => {
    expect([0, 260, 400, 460, 560, 920].map(columnsIn)).toEqual([0, 0, 0, 1, 2, 6]);
  });
});
