import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RecordDataUse, RunDetail } from '../../api/wire';
import { shortId } from '../../model/format';
import { Name } from '../Figure';
import type { IRunTab } from './tab';

interface ILineageProps {
  detail: RunDetail;
  onOpenRun: (id: string) => void;
  onOpenCell: () => void;
  onTab: (tab: string) => void;
  trans: TranslationBundle;
}

/** From the data through the cells and the run to what came of it. */
export function Lineage(props: ILineageProps): React.ReactElement {
  const { detail, onOpenRun, onOpenCell, onTab, trans } = props;
  const { row, record, versions, code_before: before } = detail;
  const uses = record.data ?? [];
  const read = uses.filter(use => use.role !== 'written');
  const written = uses.filter(use => use.role !== 'read');
  const none = <p className="bioml-soft">{trans.__('none')}</p>;
  const { mlflow } = detail.links;
  return (
    <ol className="bioml-Lineage">
      <li>
        <h3>{trans.__('Data read')}</h3>
        {read.length ? <DataList uses={read} onOpen={() => onTab('data')} /> : none}
      </li>
      <li>
        <h3>{trans.__('Cells')}</h3>
        <button type="button" className="bioml-Link" onClick={() => onTab('code')}>
          {trans._n('%1 earlier cell', '%1 earlier cells', before.length)}
        </button>
      </li>
      <li>
        <h3>{trans.__('This run')}</h3>
        <button type="button" className="bioml-Link" onClick={onOpenCell}>
          <Name text={row.name} />
        </button>{' '}
        {row.reproduces && (
          <button type="button" className="bioml-Link" onClick={() => onOpenRun(row.reproduces ?? '')}>
            {trans.__('reproduction of %1', shortId(row.reproduces))}
          </button>
        )}
        {mlflow !== null && /^https?:\/\//i.test(mlflow) && (
          <a className="bioml-Link" href={mlflow} target="_blank" rel="noopener noreferrer">
            {trans.__('in MLflow ↗')}
          </a>
        )}
      </li>
      <li>
        <h3>{trans.__('Data written')}</h3>
        {written.length ? <DataList uses={written} onOpen={() => onTab('data')} /> : none}
      </li>
      <li>
        <h3>{trans.__('Model versions')}</h3>
        {versions.length
          ? versions.map(version => (
              <div key={`${version.name} ${version.version}`}>
                <Name text={version.name} /> v{version.version}{' '}
                {version.aliases.map(alias => (
                  <Name key={alias} className="bioml-Tag" text={alias} />
                ))}
              </div>
            ))
          : none}
      </li>
    </ol>
  );
}

function DataList(props: { uses: readonly RecordDataUse[]; onOpen: () => void }): React.ReactElement {
  return (
    <>
      {props.uses.map((use, index) => (
        <div key={index}>
          <button type="button" className="bioml-Link" onClick={props.onOpen}>
            <Name text={use.name} />
          </button>{' '}
          <code className="bioml-soft">{shortId(use.digest)}</code>
        </div>
      ))}
    </>
  );
}

export const lineageTab: IRunTab = {
  id: 'lineage',
  rank: 90,
  label: trans => trans.__('Lineage'),
  render: ({ detail, onOpenRun, onOpenCell, onTab, trans }) => (
    <Lineage detail={detail} onOpenRun={onOpenRun} onOpenCell={onOpenCell} onTab={onTab} trans={trans} />
  )
};
