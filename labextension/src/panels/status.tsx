import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import React from 'react';
import { StatusDetail, StatusItem } from '../components/StatusView';
import type { ActiveNotebook } from '../model/active';
import type { ProjectModel } from '../model/project';
import type { ITracking, TrackingState } from '../tokens';
import { Section } from './section';

/** What the status bar says: of the notebook in front, and of its project. */
export class StatusPanel extends Section {
  constructor(
    private readonly model: ProjectModel,
    private readonly active: ActiveNotebook,
    private readonly tracking: ITracking | null,
    private readonly onClick: (anchor: StatusPanel) => void,
    private readonly trans: TranslationBundle
  ) {
    super(model.watch, 'status');
    model.changed.connect(this._redraw, this);
    active.changed.connect(this._redraw, this);
    tracking?.changed.connect(this._redraw, this);
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  /** The long form, for a popup. */
  detail(): ReactWidget {
    const { model, trans } = this;
    const detail = this.active.panel && this.tracking?.detail(this.active.panel);
    return ReactWidget.create(
      <StatusDetail
        state={this._state()}
        detail={detail ?? null}
        untracked={(this.active.panel && this.tracking?.untracked(this.active.panel)) ?? 0}
        status={model.status}
        error={model.error}
        trans={trans}
      />
    );
  }

  protected render(): React.ReactElement {
    return (
      <StatusItem
        state={this._state()}
        status={this.model.status}
        onClick={() => this.onClick(this)}
        trans={this.trans}
      />
    );
  }

  /** As its kernel says; without anybody who asks it, as the journal shows. */
  private _state(): TrackingState | null {
    const { panel } = this.active;
    return panel && (this.tracking ? this.tracking.state(panel) : this._stateOf(panel));
  }

  private _stateOf(panel: NotebookPanel): TrackingState {
    const { status } = this.model;
    const path = `/${panel.context.path}`;
    const live = status?.live.some(one => one.notebook !== null && path.endsWith(`/${one.notebook}`));
    return status === null ? 'unknown' : live ? 'on' : 'off';
  }

  private _redraw(): void {
    this.update();
  }
}
