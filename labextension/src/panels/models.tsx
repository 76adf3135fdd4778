import { UseSignal } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import React from 'react';
import type { ModelVersion } from '../api/wire';
import { ModelsView } from '../components/sidebar/ModelsView';
import type { ModelsModel } from '../model/registered';
import type { IVersionCommands } from '../tokens';
import { Section } from './section';

/** The section of the sidebar with the registered models. */
export class ModelsSection extends Section {
  constructor(
    readonly model: ModelsModel,
    private readonly commands: IVersionCommands,
    private readonly removeAlias: (version: ModelVersion, alias: string, models: ModelsModel) => unknown,
    private readonly trans: TranslationBundle
  ) {
    super(model.watch, 'models');
    commands.changed.connect(this.refresh, this);
    model.changed.connect(() => {
      this.isEmpty = model.models?.length === 0 && model.error === null;
    });
  }

  /** Open the entry of a version. */
  showVersion(name: string, version: string): void {
    this._shown = { name, version };
    this._moved.emit();
  }

  /** What can be done with a version changed. */
  refresh(): void {
    this._moved.emit();
  }

  protected render(): React.ReactElement {
    return (
      <UseSignal signal={this._moved}>
        {() => <UseSignal signal={this.model.changed}>{() => this._view()}</UseSignal>}
      </UseSignal>
    );
  }

  private _view(): React.ReactElement {
    const { model } = this;
    return (
      <ModelsView
        commands={this.commands.entries}
        onCommand={(command, version) => void command.execute(version, model)}
        onRemoveAlias={(version, alias) => void this.removeAlias(version, alias, model)}
        models={model.models}
        error={model.error}
        shown={this._shown}
        onRetry={() => model.watch.soon()}
        trans={this.trans}
      />
    );
  }

  private _shown: { name: string; version: string } | null = null;
  private _moved = new Signal<this, void>(this);
}
