import {
  ReactWidget,
  SidePanel,
  Toolbar,
  ToolbarButton,
  UseSignal,
  refreshIcon,
  settingsIcon
} from '@jupyterlab/ui-components';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { AccordionPanel, Widget } from '@lumino/widgets';
import React from 'react';
import { Problem } from '../components/Notice';
import { experimentsIcon } from '../icons';
import type { IBioml } from '../tokens';
import type { LiveSection } from './live';
import type { ModelsSection } from './models';
import type { RunsSection } from './runs';

/** What the sidebar is known as to the layout. */
export const SIDEBAR_ID = 'jupyter-bioml-experiments';

/** The three sections, in their order. */
export interface ISections {
  live: LiveSection;
  runs: RunsSection;
  models: ModelsSection;
}

/** The sidebar "Experiments". */
export class ExperimentsPanel extends SidePanel {
  constructor(
    private readonly bioml: IBioml,
    readonly sections: ISections,
    actions: { refresh: () => void; settings: () => void },
    translator: ITranslator
  ) {
    super({ translator });
    const trans = translator.load('jupyter_bioml');
    this.id = SIDEBAR_ID;
    this.addClass('bioml-Experiments');
    this.title.icon = experimentsIcon;
    this.title.caption = trans.__('Experiments');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Experiments'));
    this._fill(actions, trans);
    bioml.changed.connect(this._check, this);
    this._check();
  }

  private _fill(actions: { refresh: () => void; settings: () => void }, trans: TranslationBundle): void {
    const { live, runs, models } = this.sections;
    const title = document.createElement('h2');
    title.className = 'bioml-SidebarTitle';
    title.textContent = trans.__('Experiments');
    this.toolbar.addItem('title', new Widget({ node: title }));
    this.toolbar.addItem('spacer', Toolbar.createSpacerItem());
    this.toolbar.addItem(
      'refresh',
      new ToolbarButton({ icon: refreshIcon, onClick: actions.refresh, tooltip: trans.__('Look again') })
    );
    this.toolbar.addItem(
      'settings',
      new ToolbarButton({ icon: settingsIcon, onClick: actions.settings, tooltip: trans.__('Settings') })
    );
    this.header.addWidget(new Missing(this.bioml, trans));
    live.title.label = trans.__('Live');
    runs.title.label = trans.__('This notebook');
    models.title.label = trans.__('Models');
    [live, runs, models].forEach(section => this.addWidget(section));
    const content = this.content;
    if (content instanceof AccordionPanel) {
      content.setRelativeSizes([1.4, 4, 2]);
    }
  }

  /** Without the server half there is nothing to show but what to do. */
  private _check(): void {
    this.content.setHidden(this.bioml.missing !== null);
    this.toolbar.setHidden(this.bioml.missing !== null);
  }
}

/** Says what to install while the server half is missing. */
class Missing extends ReactWidget {
  constructor(
    private readonly bioml: IBioml,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('bioml-Missing');
  }

  protected render(): React.ReactElement {
    const { bioml, trans } = this;
    return (
      <UseSignal signal={bioml.changed}>
        {() =>
          bioml.missing && (
            <Problem error={bioml.missing} onRetry={() => void bioml.refresh()} trans={trans} />
          )
        }
      </UseSignal>
    );
  }
}
