import {
  ReactWidget,
  SidePanel,
  Toolbar,
  ToolbarButtonComponent,
  UseSignal,
  addToolbarButtonClass,
  type LabIcon,
  refreshIcon,
  settingsIcon
} from '@jupyterlab/ui-components';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { AccordionPanel, Widget } from '@lumino/widgets';
import React from 'react';
import { Problem } from '../components/Notice';
import { experimentsIcon } from '../icons';
import type { IRegistry } from '../model/registry';
import type { IBioml } from '../tokens';
import type { ISidebarSection } from './section';

/** What the sidebar is known as to the layout. */
export const SIDEBAR_ID = 'jupyter-bioml-experiments';
/** Pixels of a low window's height, as in the style sheet. */
const LOW = 620;

/** The sidebar "Experiments". */
export class ExperimentsPanel extends SidePanel {
  constructor(
    private readonly bioml: IBioml,
    readonly sections: IRegistry<ISidebarSection>,
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
    const title = document.createElement('h2');
    title.className = 'bioml-SidebarTitle';
    title.textContent = trans.__('Experiments');
    this.toolbar.addItem('title', new Widget({ node: title }));
    this.toolbar.addItem('spacer', Toolbar.createSpacerItem());
    this.toolbar.addItem('refresh', plainButton(refreshIcon, trans.__('Refresh'), actions.refresh));
    this.toolbar.addItem('settings', plainButton(settingsIcon, trans.__('Settings'), actions.settings));
    this.header.addWidget(new Missing(this.bioml, trans));
    this.sections.changed.connect(this._arrange, this);
    this._arrange();
  }

  /** A style sheet has other heights for a low window (see sidebar.css); the layout reads them only when asked to fit. */
  protected override onResize(message: Widget.ResizeMessage): void {
    super.onResize(message);
    const isLow = window.innerHeight <= LOW;
    if (isLow !== this._isLow) {
      this._isLow = isLow;
      this.content.fit();
    }
  }

  /** Put the sections in their order, each as high as its share. */
  private _arrange(): void {
    const { content } = this;
    const { entries } = this.sections;
    const wanted = entries.map(section => section.widget);
    const shown = this.widgets;
    const changed = wanted.findIndex((widget, index) => shown[index] !== widget);
    const kept = changed === -1 ? wanted.length : changed;
    // sections are drawn in their order, but the keyboard goes through them in the order in which they came
    shown.slice(kept).forEach(widget => (widget.parent = null));
    for (const { widget, label } of entries.slice(kept)) {
      widget.title.label = label;
      this.addWidget(widget);
    }
    if (content instanceof AccordionPanel) {
      content.setRelativeSizes(entries.map(section => section.height));
    }
  }

  /** Without the server half there is nothing to show but what to do. */
  private _check(): void {
    this.content.setHidden(this.bioml.missing !== null);
    this.toolbar.setHidden(this.bioml.missing !== null);
  }

  private _isLow = false;
}

/** A button that does something; JupyterLab's `ToolbarButton` tells screen readers that it is switched on or off. */
function plainButton(icon: LabIcon, tooltip: string, onClick: () => void): Widget {
  const button = ReactWidget.create(
    <ToolbarButtonComponent icon={icon} tooltip={tooltip} onClick={onClick} />
  );
  return addToolbarButtonClass(button);
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
