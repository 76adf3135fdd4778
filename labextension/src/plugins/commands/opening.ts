import type { RunRow } from '../../api/wire';
import { COMPARABLE } from '../../components/sidebar/SelectionBar';
import { isUnderWay } from '../../model/jobs';
import type { IReproductions, IRunCommand } from '../../tokens';
import type { IRunCommandParts } from './parts';
import { showCellOfRun } from '../showcell';
import { stopRun } from '../stoprun';

/** What leads from selected runs to somewhere else: their pages, their cell, a model, a reproduction. */
export function openingCommands(parts: IRunCommandParts): IRunCommand[] {
  const { app, bioml, pages, form, reproductions, trans } = parts;
  return [
    {
      id: 'bioml:selection-open',
      rank: 10,
      label: () => trans.__('Open'),
      whole: () => trans.__('Open Run'),
      isFor: rows => rows.length === 1 && pages !== null,
      execute: ({ rows: [row], path }) => pages?.openRun(row.record_id, path)
    },
    {
      id: 'bioml:selection-compare',
      rank: 11,
      label: () => trans.__('Compare'),
      whole: () => trans.__('Compare Runs'),
      isFor: rows => rows.length >= COMPARABLE[0] && rows.length <= COMPARABLE[1] && pages !== null,
      execute: ({ rows, path }) =>
        pages?.openComparison(
          rows.map(row => row.record_id),
          path
        )
    },
    {
      id: 'bioml:selection-reproduce',
      rank: 12,
      label: () => trans.__('Reproduce'),
      whole: () => trans.__('Reproduce Run'),
      caption: trans.__('Run its cells again in a fresh kernel and folder, and compare'),
      isFor: ([row, ...more]) => more.length === 0 && canReproduce(row, reproductions),
      execute: ({ rows: [row], path }) => reproductions?.start(row, path)
    },
    {
      id: 'bioml:selection-register',
      rank: 13,
      label: () => trans.__('Register…'),
      whole: () => trans.__('Register Model of Run…'),
      caption: trans.__('Make a model version from this run'),
      isFor: rows => rows.length === 1 && rows[0].has_model && form !== null,
      execute: ({ rows: [row], path }) => form?.open(row.record_id, path)
    },
    {
      id: 'bioml:selection-stop',
      rank: 16,
      label: () => trans.__('Stop'),
      whole: () => trans.__('Stop Run'),
      caption: trans.__('Interrupt the kernel that it runs in'),
      isFor: ([row, ...more]) => more.length === 0 && row.state === 'RUNNING' && row.notebook !== null,
      execute: ({ rows: [row], path }) => stopRun(app, bioml, row, path, trans)
    },
    {
      id: 'bioml:selection-go-to-cell',
      rank: 14,
      label: () => trans.__('Go to Cell'),
      whole: () => trans.__('Go to Cell of Run'),
      isFor: rows => rows.length === 1 && rows[0].notebook !== null && rows[0].cell_id !== null,
      execute: ({ rows: [row], path }) =>
        showCellOfRun(app, bioml, path, row.notebook ?? '', row.cell_id, trans)
    }
  ];
}

function canReproduce(row: RunRow, reproductions: IReproductions | null): boolean {
  return reproductions !== null && row.state !== 'RUNNING' && !isUnderWay(reproductions.of(row));
}
