import React from 'react';
import type { RunModel } from '../../model/run';
import type { DrawMarkdown } from '../Markdown';
import { Lazy } from '../Notice';
import { Tabs } from '../Tabs';
import type { ICodeActions } from './LoadCode';
import type { IRunHeaderProps } from './RunHeader';
import { RunHeader } from './RunHeader';
import type { IRunTab } from './tab';

export interface IRunPageProps extends Omit<IRunHeaderProps, 'detail'> {
  model: RunModel;
  /** In their order. */
  tabs: readonly IRunTab[];
  urlOf: (file: string) => string;
  onOpenFile: (file: string) => void;
  /** Go to a later cell of the run's notebook. */
  onOpenLater: (cellId: string | null) => void;
  code?: ICodeActions;
  onEdit?: (what: 'note' | 'tags') => void;
  markdown?: DrawMarkdown | null;
  onTab: (tab: string) => void;
  onRetry: () => void;
}

/** Everything about one run. */
export function RunPage(props: IRunPageProps): React.ReactElement {
  const { model, tabs, trans, onTab, onRetry } = props;
  return (
    <div className="bioml-Page">
      <Lazy part={model.detail} onRetry={onRetry} trans={trans}>
        {detail => {
          const own = tabs.filter(tab => tab.isFor?.(detail) ?? true);
          const shown = own.find(tab => tab.id === model.tab) ?? own[0];
          return (
            <>
              <RunHeader {...props} detail={detail} />
              <Tabs
                label={trans.__('Parts of the run')}
                tabs={own.map(tab => ({ id: tab.id, label: tab.label(trans), count: tab.count?.(detail) }))}
                selected={shown?.id ?? ''}
                onSelect={onTab}
              >
                {shown?.render({ ...props, detail })}
              </Tabs>
            </>
          );
        }}
      </Lazy>
    </div>
  );
}
