import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';
import { TrackToggle } from '../components/TrackToggle';
import type { ITracking } from '../tokens';

/** The toggle of one notebook, which follows what its kernel does. */
export class TrackToggleItem extends ReactWidget {
  constructor(
    private readonly panel: NotebookPanel,
    private readonly tracking: ITracking,
    private readonly onToggle: () => void,
    private readonly openMenu: (anchor: HTMLElement) => void,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('bioml-TrackItem');
  }

  protected render(): React.ReactElement {
    const { panel, tracking } = this;
    return (
      <UseSignal signal={tracking.changed} shouldUpdate={(_, changed) => changed === panel}>
        {() => (
          <TrackToggle
            state={tracking.state(panel)}
            detail={tracking.detail(panel)}
            unsupported={tracking.unsupported(panel)}
            untracked={tracking.untracked(panel)}
            onToggle={this.onToggle}
            onMenu={this.openMenu}
            trans={this.trans}
          />
        )}
      </UseSignal>
    );
  }
}
