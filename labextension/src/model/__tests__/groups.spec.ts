import { aRow } from '../../testing/builders';
import { groupRuns } from '../groups';

describe('the best of a group', () => {
  const bestOf = (
    rows: readonly ['FINISHED' | 'FAILED' | 'KILLED' | 'RUNNING', number][],
    top: number
  ): number | undefined => {
    const runs = rows.map(([state, auc], at) => aRow({ record_id: `r${at}`, state, metrics: { auc } }));
    const [group] = groupRuns(runs, 'auc', { record_id: 'any', value: top });
    expect(group.rows).toHaveLength(rows.length);
    return group.best?.metrics.auc;
  };

  it.each(['FAILED', 'KILLED', 'RUNNING'] as const)('is none that is %s', state => {
    const rows = [
      [state, 0.99],
      ['FINISHED', 0.8],
      ['FINISHED', 0.7]
    ] as const;
    expect(bestOf([...rows], 0.8)).toBe(0.8);
    expect(bestOf([[state, 0.99]], 0.8)).toBeUndefined();
  });

  it('is the least where less is better, whatever one that failed reached', () => {
    expect(
      bestOf(
        [
          ['FAILED', 0.01],
          ['FINISHED', 0.3],
          ['FINISHED', 0.4]
        ],
        0.3
      )
    ).toBe(0.3);
  });
});
