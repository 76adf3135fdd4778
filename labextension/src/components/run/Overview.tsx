import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunDetail } from '../../api/wire';
import { formatBytes, formatDuration, printable, shortId } from '../../model/format';
import type { RunModel } from '../../model/run';
import { fileName, plainNumber, shapeOf, stripAnsi } from '../../model/record';
import { Name } from '../Figure';
import { Markdown } from '../Markdown';
import { Empty } from '../Notice';
import { SIGNS, stateOf, stateWord } from '../RunState';
import { codePart, LoadCodes } from './LoadCode';
import { OtherValues } from './OtherValues';
import { Pairs } from './Pairs';
import { type IScoresProps, Scores } from './Scores';
import type { IRunTab, IRunTabProps } from './tab';

/** What came out first, then what went in, then what is missing. */
export function Overview(
  props: IScoresProps & Pick<IRunTabProps, 'onEdit' | 'markdown' | 'code'> & { model?: RunModel }
): React.ReactElement {
  const { detail, trans } = props;
  const { row, record } = detail;
  return (
    <div className="bioml-Overview">
      <Failure {...props} />
      {row.note && (
        <section aria-label={trans.__('Note')}>
          <Markdown text={row.note} draw={props.markdown ?? null} />
          <Edit label={trans.__('Edit note…')} what="note" onEdit={props.onEdit} />
        </section>
      )}
      <section>
        <h2>{trans.__('Metrics')}</h2>
        <Scores {...props} />
      </section>
      <OtherValues
        values={record.values ?? {}}
        isOpen={Object.keys(row.metrics).length === 0}
        trans={trans}
      />
      <section>
        <h2>{trans.__('Parameters')}</h2>
        <Parameters {...props} />
      </section>
      <CapturedModel {...props} />
      <section>
        <h2>{trans.__('Data')}</h2>
        <ul className="bioml-Plain">
          {(record.data ?? []).map((use, index) => (
            <li key={index}>
              <span title={printable(use.path ?? use.name)}>
                <Name text={fileName(use)} />
              </span>{' '}
              <span className="bioml-soft">{shapeOf(use)}</span>{' '}
              <span className="bioml-soft">{shortId(use.digest)}</span>
            </li>
          ))}
        </ul>
        {(record.data ?? []).length === 0 && <Empty>{trans.__('No data were read or written.')}</Empty>}
      </section>
      <section>
        <h2>{trans.__('Resources')}</h2>
        <p>{resourcesLine(detail, trans).join(' · ') || trans.__('Nothing was measured.')}</p>
      </section>
      {(Object.keys(row.tags).length > 0 || props.onEdit) && (
        <section>
          <h2>{trans.__('Tags')}</h2>
          <Pairs pairs={Object.entries(row.tags)} empty={trans.__('The run has no tags.')} trans={trans} />
          <Edit label={trans.__('Edit tags…')} what="tags" onEdit={props.onEdit} />
          {!row.note && <Edit label={trans.__('Add note…')} what="note" onEdit={props.onEdit} />}
        </section>
      )}
      {props.code && props.model && <LoadCodes model={props.model} actions={props.code} trans={trans} />}
      <Gaps {...props} />
    </div>
  );
}

/** The parameters; those that nobody set are folded. */
function Parameters({ detail, trans }: IScoresProps): React.ReactElement {
  const untouched = new Set(detail.record.defaults);
  const all = Object.entries(detail.row.params);
  const chosen = all.filter(([key]) => !untouched.has(key));
  const defaults = all.filter(([key]) => untouched.has(key));
  const empty = trans.__('No parameters were found in this cell or logged by it.');
  return (
    <>
      {(chosen.length > 0 || defaults.length === 0) && <Pairs pairs={chosen} empty={empty} trans={trans} />}
      {defaults.length > 0 && (
        <details className="bioml-Fold">
          <summary>{trans._n('%1 at its default', '%1 at their defaults', defaults.length)}</summary>
          <Pairs pairs={defaults} empty="" trans={trans} />
        </details>
      )}
    </>
  );
}

function Edit(props: {
  label: string;
  what: 'note' | 'tags';
  onEdit: IRunTabProps['onEdit'];
}): React.ReactElement | null {
  const { label, what, onEdit } = props;
  return (
    (onEdit !== undefined && (
      <>
        <button type="button" className="bioml-Link" onClick={() => onEdit(what)}>
          {label}
        </button>{' '}
      </>
    )) ||
    null
  );
}

/** The model that was kept with the run, and what it was registered as. */
function CapturedModel({ detail, trans }: IScoresProps): React.ReactElement | null {
  const { record, versions } = detail;
  const model = record.model ?? null;
  if (model === null && versions.length === 0) {
    return null;
  }
  return (
    <section>
      <h2>{trans.__('Model')}</h2>
      <ul className="bioml-Plain">
        {model && (
          <li>
            <Name text={model.name} /> <span className="bioml-soft">{printable(model.class_name)}</span>{' '}
            <span className="bioml-soft">
              {[model.flavor ?? '', model.size ? formatBytes(model.size) : '']
                .filter(Boolean)
                .map(printable)
                .join(' · ')}
            </span>
          </li>
        )}
        {versions.map(version => (
          <li key={`${version.name}/${version.version}`}>
            {trans.__('registered as %1 v%2', printable(version.name), printable(version.version))}{' '}
            <span className="bioml-soft">
              {version.aliases.map(alias => `@${printable(alias)}`).join(' ')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Failure(props: IScoresProps): React.ReactElement | null {
  const { detail, trans } = props;
  const { row, record } = detail;
  const failure = record.failure ?? null;
  if (failure === null && row.error === null && !record.cause) {
    return null;
  }
  const state = stateOf(row);
  const isInterrupted = state === 'INTERRUPTED';
  return (
    <div
      className={`bioml-Failure${isInterrupted ? ' bioml-mod-interrupted' : ''}`}
      role="group"
      aria-label={trans.__('Why the run ended')}
    >
      <strong>
        <span aria-hidden="true">{SIGNS[state]} </span>
        {isInterrupted ? stateWord(state, trans) : printable(row.error ?? record.cause ?? '')}
      </strong>
      <p>{trans.__('Everything captured up to that point is kept and shown here.')}</p>
      {failure && (
        <details>
          <summary>{trans.__('Traceback')}</summary>
          <pre>{stripAnsi(failure.traceback)}</pre>
        </details>
      )}
    </div>
  );
}

function Gaps({ detail, trans }: IScoresProps): React.ReactElement | null {
  const gaps = detail.record.gaps ?? [];
  if (gaps.length === 0) {
    return null;
  }
  return (
    <section>
      <h2>{trans.__('Not captured')}</h2>
      <ul className="bioml-Plain">
        {gaps.map((gap, index) => (
          <li key={index}>
            <span aria-hidden="true">⚠ </span>
            {printable(gap.part)}: {printable(gap.reason)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The figures of the run card's fourth line. */
function resourcesLine(detail: RunDetail, trans: TranslationBundle): string[] {
  const used = detail.record.resources;
  const cpu = plainNumber(used?.cpu_seconds);
  const duration = detail.row.duration;
  const line: string[] = [];
  if (cpu !== null) {
    line.push(trans.__('CPU time %1', formatDuration(cpu)));
    if (duration !== null && duration > 0) {
      line.push(trans.__('CPU %1 % of one core', Math.round((100 * cpu) / duration)));
    }
  }
  if (used?.peak_rss !== null && used?.peak_rss !== undefined) {
    line.push(trans.__('peak memory %1', formatBytes(used.peak_rss)));
  }
  return line;
}

export const overviewTab: IRunTab = {
  id: 'overview',
  rank: 10,
  label: trans => trans.__('Overview'),
  parts: model => [model.group, codePart(model)],
  render: props => <Overview {...props} best={props.model.group.value?.best ?? null} />
};
