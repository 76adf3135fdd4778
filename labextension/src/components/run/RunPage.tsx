import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunModel, RunTab } from '../../model/run';
import { RUN_TABS } from '../../model/run';
import { Lazy, Problem } from '../Notice';
import { Tabs } from '../Tabs';
import { Code } from './Code';
import { Curves } from './Curves';
import { Data } from './Data';
import { Environment } from './Environment';
import { Files } from './Files';
import { Lineage } from './Lineage';
import { Outputs } from './Outputs';
import { Overview } from './Overview';
import { ResourcesView } from './ResourcesView';
import type { IRunHeaderProps } from './RunHeader';
import { RunHeader } from './RunHeader';

/** What the page shows: the parts that were read so far. */
export type IRunParts = Pick<
  RunModel,
  'detail' | 'series' | 'resources' | 'outputs' | 'files' | 'group' | 'diff' | 'tab'
>;

export interface IRunPageProps extends Omit<IRunHeaderProps, 'detail'> {
  parts: IRunParts;
  urlOf: (file: string) => string;
  onTab: (tab: RunTab) => void;
  onRetry: () => void;
}

/** Everything about one run. */
export function RunPage(props: IRunPageProps): React.ReactElement {
  const { parts, trans, onTab, onRetry } = props;
  const words = tabWords(trans);
  return (
    <div className="bioml-Page">
      <Lazy part={parts.detail} onRetry={onRetry} trans={trans}>
        {detail => (
          <>
            <RunHeader {...props} detail={detail} />
            <Tabs
              label={trans.__('Parts of the run')}
              tabs={RUN_TABS.map(id => ({
                id,
                label: words[id],
                count: id === 'curves' && detail.series_keys.length ? detail.series_keys.length : undefined
              }))}
              selected={parts.tab}
              onSelect={onTab}
            >
              <Shown {...props} />
            </Tabs>
          </>
        )}
      </Lazy>
    </div>
  );
}

function Shown(props: IRunPageProps): React.ReactElement | null {
  const { parts, urlOf, onTab, onRetry, onOpenRun, onOpenCell, trans } = props;
  const detail = parts.detail.value;
  if (detail === null) {
    return null;
  }
  const lazy = { onRetry: () => onTab(parts.tab), trans };
  switch (parts.tab) {
    case 'overview':
      return (
        <Overview
          detail={detail}
          best={parts.group.value?.best ?? null}
          onOpenRun={onOpenRun}
          trans={trans}
        />
      );
    case 'curves':
      return (
        <Lazy part={parts.series} {...lazy}>
          {set => (
            <Curves
              sources={[{ id: detail.row.record_id, label: '', series: set.series }]}
              truncated={set.truncated}
              trans={trans}
            />
          )}
        </Lazy>
      );
    case 'code':
      return (
        <>
          {parts.diff.error && <Problem error={parts.diff.error} onRetry={onRetry} trans={trans} />}
          <Code detail={detail} comparison={parts.diff.value} onOpenRun={onOpenRun} trans={trans} />
        </>
      );
    case 'data':
      return <Data detail={detail} trans={trans} />;
    case 'environment':
      return <Environment detail={detail} trans={trans} />;
    case 'resources':
      return (
        <Lazy part={parts.resources} {...lazy}>
          {resources => <ResourcesView resources={resources} trans={trans} />}
        </Lazy>
      );
    case 'outputs':
      return (
        <Lazy part={parts.outputs} {...lazy}>
          {outputs => <Outputs outputs={outputs} trans={trans} />}
        </Lazy>
      );
    case 'files':
      return (
        <Lazy part={parts.files} {...lazy}>
          {files => <Files files={files} urlOf={urlOf} trans={trans} />}
        </Lazy>
      );
    case 'lineage':
      return (
        <Lineage detail={detail} onOpenRun={onOpenRun} onOpenCell={onOpenCell} onTab={onTab} trans={trans} />
      );
  }
}

function tabWords(trans: TranslationBundle): Record<RunTab, string> {
  return {
    overview: trans.__('Overview'),
    curves: trans.__('Curves'),
    code: trans.__('Code'),
    data: trans.__('Data'),
    environment: trans.__('Environment'),
    resources: trans.__('Resources'),
    outputs: trans.__('Outputs'),
    files: trans.__('Files'),
    lineage: trans.__('Lineage')
  };
}
