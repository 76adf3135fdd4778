import { UseSignal } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { LiveRun } from '../api/wire';
import { LiveView } from '../components/sidebar/LiveView';
import { isQuiet, type LiveModel } from '../model/livefeed';
import { Section } from './section';

/** The section of the sidebar with what the kernel uses now. */
export class LiveSection extends Section {
  constructor(
    readonly model: LiveModel,
    private readonly goToCell: (run: LiveRun) => void,
    private readonly stop: () => void,
    private readonly trans: TranslationBundle
  ) {
    super(model.watch, 'live');
    const measure = (): void => {
      const { path, live, error } = model;
      this.isEmpty = error === null && (path === null || (live !== null && isQuiet(live)));
    };
    model.changed.connect(measure);
    measure();
  }

  protected render(): React.ReactElement {
    const { model } = this;
    return (
      <UseSignal signal={model.changed}>
        {() => (
          <LiveView
            live={model.live}
            error={model.error}
            hasNotebook={model.path !== null}
            onRetry={() => model.watch.soon()}
            onCell={this.goToCell}
            onStop={this.stop}
            trans={this.trans}
          />
        )}
      </UseSignal>
    );
  }
}
