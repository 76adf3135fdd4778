import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Comparison, RunDetail } from '../../api/wire';
import { cellsOf } from '../../model/record';
import { CodeView, DiffView } from '../CodeView';
import { CopyButton } from '../CopyButton';
import { Name } from '../Figure';
import { Empty, Problem } from '../Notice';
import { StateSign } from '../RunState';
import type { IRunTab } from './tab';

export interface ICodeProps {
  detail: RunDetail;
  /** The previous run and this one; null without a previous one, or until it was read. */
  comparison: Comparison | null;
  onOpenRun: (id: string) => void;
  trans: TranslationBundle;
}

/** What changed since the previous run, then the run's cell after the cells it came after. */
export function Code(props: ICodeProps): React.ReactElement {
  const { detail, comparison, onOpenRun, trans } = props;
  const cells = cellsOf(detail);
  const diff = comparison?.code[0];
  return (
    <div className="bioml-CodeTab">
      <section>
        <h2>{trans.__('Changed since the previous run')}</h2>
        {detail.previous === null ? (
          <Empty>{trans.__('This is the first run with this name.')}</Empty>
        ) : (
          <>
            <button
              type="button"
              className="bioml-Link"
              onClick={() => onOpenRun(detail.previous?.record_id ?? '')}
            >
              {trans.__('previous run:')} <Name text={detail.previous.name} />
            </button>
            {diff && <DiffView lines={diff.lines} label={trans.__('Code, changes')} trans={trans} />}
          </>
        )}
      </section>
      <section>
        <h2>{trans.__('Cells in the order they ran')}</h2>
        <ol className="bioml-Cells">
          {cells.map((cell, index) => (
            <li key={index} className={cell.own ? 'bioml-mod-own' : ''} aria-current={cell.own || undefined}>
              <div className="bioml-CellHead">
                <span className="bioml-figure">[{cell.execution_count ?? ' '}]</span>
                {cell.own && <strong>{trans.__('this run')}</strong>}
                {cell.state === 'UNKNOWN' && <span>{trans.__('ran while tracking was off')}</span>}
                {cell.state !== 'FINISHED' && cell.state !== 'UNKNOWN' && (
                  <StateSign state={cell.state} trans={trans} />
                )}
                {cell.tags.map(tag => (
                  <Name key={tag} className="bioml-Tag" text={tag} />
                ))}
                <CopyButton text={cell.source} label={trans.__('Copy this cell')} trans={trans} />
              </div>
              <CodeView
                source={cell.source}
                label={cell.own ? trans.__('Code of this run') : trans.__('Code of an earlier cell')}
              />
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

export const codeTab: IRunTab = {
  id: 'code',
  rank: 30,
  label: trans => trans.__('Code'),
  parts: model => [model.diff],
  render: ({ detail, model, onOpenRun, onTab, trans }) => (
    <>
      {model.diff.error && <Problem error={model.diff.error} onRetry={() => onTab('code')} trans={trans} />}
      <Code detail={detail} comparison={model.diff.value} onOpenRun={onOpenRun} trans={trans} />
    </>
  )
};
