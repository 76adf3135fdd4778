import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Comparison, ComparisonRow, ComparisonSection, RunRow } from '../../api/wire';
import { labelsOf } from '../../model/columns';
import { formatDuration, formatNumber, formatPrinted } from '../../model/format';
import { shortName } from '../../model/name';
import { decimalsOf, originText } from '../../model/score';
import { Figure, Moment, Name } from '../Figure';
import { RunKind } from '../RunKind';
import { stateOf, StateSign } from '../RunState';
import { TaintBadge } from '../Taint';

export interface ICompareTableProps {
  comparison: Comparison;
  /** Seconds since the epoch. */
  now: number;
  onOpenRun: (id: string) => void;
  onRemove: (index: number) => void;
  onMakeFirst: (index: number) => void;
  trans: TranslationBundle;
}

/** Runs side by side: what differs first, what is the same folded. */
export function CompareTable(props: ICompareTableProps): React.ReactElement {
  const { comparison, trans } = props;
  const labels = labelsOf(comparison.runs);
  const sections = comparison.sections.filter(isWorthShowing);
  const knowsDefaults = sections.some(({ section }) => section === 'defaults');
  return (
    <div
      className="bioml-Scroll bioml-CompareScroll"
      role="group"
      tabIndex={0}
      aria-label={trans.__('Runs side by side')}
    >
      <table className="bioml-Table bioml-Compare">
        <thead>
          <tr>
            <td />
            {comparison.runs.map((run, index) => (
              <RunHead key={run.record_id} {...props} run={run} label={labels[index]} index={index} />
            ))}
          </tr>
        </thead>
        {sections.map(section => (
          <Section
            key={section.section}
            section={section}
            title={sectionWord(section.section, knowsDefaults, trans)}
            runs={comparison.runs}
            trans={trans}
          />
        ))}
      </table>
    </div>
  );
}

/** A section without rows says "none"; few runs have values that are not scores, or no model, and nobody misses them. */
function isWorthShowing({ section, rows }: ComparisonSection): boolean {
  return rows.length > 0 || (section !== 'values' && section !== 'defaults');
}

function RunHead(
  props: ICompareTableProps & { run: RunRow; label: string; index: number }
): React.ReactElement {
  const { run, label, index, comparison, now, onOpenRun, onRemove, onMakeFirst, trans } = props;
  const name = shortName(label);
  return (
    <th scope="col">
      <button type="button" className="bioml-Link" onClick={() => onOpenRun(run.record_id)}>
        <Name text={label} />
      </button>
      <div className="bioml-HeadState">
        <StateSign state={stateOf(run)} trans={trans} />
        <RunKind row={run} trans={trans} />
        <TaintBadge level={run.taint} trans={trans} />
      </div>
      {run.children > 0 && (
        <div className="bioml-soft">
          {trans._n('%2 run in it', '%2 runs in it', run.children, formatNumber(run.children))}
        </div>
      )}
      <div className="bioml-soft">
        <Moment at={run.started} now={now} trans={trans} /> · {formatDuration(run.duration)}
      </div>
      <div className="bioml-HeadActions">
        {index === 0 ? (
          <span className="bioml-soft">{trans.__('reference')}</span>
        ) : (
          <button
            type="button"
            className="bioml-SignButton"
            title={trans.__('Make this the reference: the others are compared with it')}
            aria-label={trans.__('Make %1 the reference', name)}
            onClick={() => onMakeFirst(index)}
          >
            ⇤
          </button>
        )}
        {comparison.runs.length > 2 && (
          <button
            type="button"
            className="bioml-SignButton"
            title={trans.__('Remove from the comparison')}
            aria-label={trans.__('Remove %1 from the comparison', name)}
            onClick={() => onRemove(index)}
          >
            ✕
          </button>
        )}
      </div>
    </th>
  );
}

function Section(props: {
  section: ComparisonSection;
  title: string;
  runs: readonly RunRow[];
  trans: TranslationBundle;
}): React.ReactElement {
  const { section, runs, trans } = props;
  const [open, setOpen] = React.useState(false);
  const differ = section.rows.filter(row => row.differs);
  const same = section.rows.filter(row => !row.differs);
  const width = runs.length + 1;
  return (
    <tbody>
      <tr>
        <th scope="rowgroup" colSpan={width} className="bioml-SectionHead">
          <div className="bioml-SectionTitle">
            {props.title}
            {section.rows.length === 0 && <span className="bioml-soft"> {trans.__('none')}</span>}
            {same.length > 0 && (
              <button
                type="button"
                className="bioml-Link"
                aria-expanded={open}
                onClick={() => setOpen(!open)}
              >
                {trans.__('same (%1)', same.length)} {open ? '▾' : '▸'}
              </button>
            )}
          </div>
        </th>
      </tr>
      {differ.map(row => (
        <Row key={row.key} row={row} runs={runs} trans={trans} />
      ))}
      {open && same.map(row => <Row key={row.key} row={row} runs={runs} trans={trans} />)}
    </tbody>
  );
}

function Row(props: {
  row: ComparisonRow;
  runs: readonly RunRow[];
  trans: TranslationBundle;
}): React.ReactElement {
  const { row, runs, trans } = props;
  const origins = row.scores.map(score => originText(score, trans));
  return (
    <tr className={row.differs ? 'bioml-mod-differs' : undefined}>
      <th scope="row">
        {row.differs && (
          <span role="img" aria-label={trans.__('differs')}>
            ≠{' '}
          </span>
        )}
        <Name text={row.key} />
      </th>
      {row.values.map((value, index) => (
        <td
          key={runs[index]?.record_id ?? index}
          className={index === row.best ? 'bioml-mod-strong' : undefined}
        >
          {index === row.best && (
            <span role="img" aria-label={trans.__('best')}>
              ★{' '}
            </span>
          )}
          <Figure
            value={value}
            text={formatPrinted(value, decimalsOf(row.scores[index]))}
            isAbsent={row.absent.includes(index)}
            trans={trans}
          />
          {origins[index] && <div className="bioml-WhereFrom">{origins[index]}</div>}
        </td>
      ))}
    </tr>
  );
}

/** The heading of a section. @param knowsDefaults - the parameters that nobody set have a section of their own. */
function sectionWord(
  section: ComparisonSection['section'],
  knowsDefaults: boolean,
  trans: TranslationBundle
): string {
  switch (section) {
    case 'parameters':
      return knowsDefaults ? trans.__('Parameters that were set') : trans.__('Parameters');
    case 'defaults':
      return trans.__('Parameters at their defaults');
    case 'metrics':
      return trans.__('Metrics');
    case 'values':
      return trans.__('Other values');
    case 'data':
      return trans.__('Data');
    case 'environment':
      return trans.__('Environment');
  }
}
