import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Comparison } from '../../api/wire';
import { labelsOf } from '../../model/columns';
import type { ComparisonModel } from '../../model/comparison';
import { printable } from '../../model/format';
import { shortName } from '../../model/name';
import { DiffView } from '../CodeView';
import { CopyButton } from '../CopyButton';
import { Empty, Lazy } from '../Notice';
import type { ICurveSource } from '../run/Curves';
import { Curves } from '../run/Curves';
import type { ICompareTableProps } from './CompareTable';
import { CompareTable } from './CompareTable';
import { Plots } from './Plots';

/** Characters of a run's label where it cannot be wrapped. */
const LABEL = 60;

export interface IComparePageProps extends Omit<ICompareTableProps, 'comparison'> {
  parts: Pick<ComparisonModel, 'comparison' | 'curves'>;
  /** The address to share. */
  link: string;
  onCsv: () => void;
  /** The curves are seen: read them. */
  onCurves: () => void;
  onRetry: () => void;
}

/** Two or more runs side by side. */
export function ComparePage(props: IComparePageProps): React.ReactElement {
  const { parts, link, onCsv, onOpenRun, onRetry, trans } = props;
  return (
    <div className="bioml-Page bioml-mod-compare">
      <header className="bioml-PageHeader">
        <div className="bioml-PageTitle">
          <h1>
            {parts.comparison.value === null
              ? trans.__('Comparison')
              : trans.__('Comparison of %1 runs', parts.comparison.value.runs.length)}
          </h1>
          <div className="bioml-Actions">
            <button
              type="button"
              className="bioml-Button"
              disabled={parts.comparison.value === null}
              onClick={onCsv}
            >
              {trans.__('Export CSV')}
            </button>
            <CopyButton text={link} label={trans.__('Copy the address of this page')} trans={trans}>
              {trans.__('Copy link')}
            </CopyButton>
          </div>
        </div>
      </header>
      <Lazy part={parts.comparison} onRetry={onRetry} trans={trans}>
        {comparison => (
          <div className="bioml-Sections">
            <CompareTable {...props} comparison={comparison} />
            <section>
              <h2>{trans.__('Code')}</h2>
              <Diffs comparison={comparison} trans={trans} />
            </section>
            <CurveSection {...props} comparison={comparison} />
            <section>
              <h2>{trans.__('Plots')}</h2>
              <Plots comparison={comparison} onOpenRun={onOpenRun} trans={trans} />
            </section>
          </div>
        )}
      </Lazy>
    </div>
  );
}

function Diffs(props: { comparison: Comparison; trans: TranslationBundle }): React.ReactElement {
  const { comparison, trans } = props;
  const labels = labelsOf(comparison.runs).map(printable);
  const [open, setOpen] = React.useState(0);
  const diffs = comparison.code;
  const diff = diffs[Math.min(open, diffs.length - 1)];
  if (diff === undefined) {
    return <Empty>{trans.__('No code was captured for these runs.')}</Empty>;
  }
  return (
    <>
      <div className="bioml-Choices">
        <label>
          {trans.__('− %1 with +', shortName(labels[diff.left], LABEL))}
          <select value={diffs.indexOf(diff)} onChange={event => setOpen(Number(event.target.value))}>
            {diffs.map((one, index) => (
              <option key={one.right} value={index}>
                {shortName(labels[one.right], LABEL)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <DiffView key={diff.right} lines={diff.lines} label={trans.__('Code, changes')} trans={trans} />
    </>
  );
}

function CurveSection(props: IComparePageProps & { comparison: Comparison }): React.ReactElement {
  const { parts, comparison, onCurves, trans } = props;
  const [open, setOpen] = React.useState(false);
  const sets = parts.curves.value;
  const sources = React.useMemo<ICurveSource[]>(() => {
    const labels = labelsOf(comparison.runs);
    return comparison.runs.map((run, index) => ({
      id: run.record_id,
      label: shortName(labels[index], LABEL),
      series: sets?.[run.record_id]?.series ?? {}
    }));
  }, [comparison, sets]);
  const truncated = Object.values(sets ?? {}).some(set => set.truncated);
  return (
    <section>
      <h2>
        <button
          type="button"
          className="bioml-Link"
          aria-expanded={open}
          onClick={() => {
            setOpen(!open);
            onCurves();
          }}
        >
          {trans.__('Curves')} {open ? '▾' : '▸'}
        </button>
      </h2>
      {open && (
        <Lazy part={parts.curves} onRetry={onCurves} trans={trans}>
          {() => <Curves sources={sources} truncated={truncated} trans={trans} />}
        </Lazy>
      )}
    </section>
  );
}
