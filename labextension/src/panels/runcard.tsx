import { htmlRendererFactory, MimeModel, textRendererFactory } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Panel } from '@lumino/widgets';
import React from 'react';
import { RunCard, type ICardActions } from '../components/RunCard';
import type { RunDetail } from '../api/wire';
import { cardView } from '../model/card';
import type { NotebookRuns } from '../model/notebookruns';
import type { IReproductions } from '../tokens';
import { whileVisible } from './whilevisible';

/** What a run card's display says: which record it is. Everything else comes from the user's own server. */
export const CARD_MIME = 'application/vnd.bioml.run+json';

/** What the card's buttons need, for one run. */
export type CardActions = (detail: RunDetail) => ICardActions;

/** The card as the server fills it. */
class Filled extends ReactWidget {
  constructor(
    private readonly record: string,
    private readonly runs: NotebookRuns,
    private readonly actions: CardActions,
    reproductions: IReproductions | null,
    private readonly trans: TranslationBundle
  ) {
    super();
    reproductions?.changed.connect(this.onReproduction, this);
  }

  private onReproduction(_: unknown, run: string): void {
    const row = this.runs.row(this.record);
    if (run === this.record || run === row?.run_id) {
      this.update();
    }
  }

  protected render(): React.ReactElement {
    return (
      <UseSignal signal={this.runs.changed}>
        {() => {
          const detail = this.runs.detail(this.record);
          return detail ? (
            <RunCard
              row={this.runs.row(this.record) ?? detail.row}
              view={cardView(detail, this.trans)}
              versions={detail.versions}
              actions={this.actions(detail)}
              trans={this.trans}
            />
          ) : null;
        }}
      </UseSignal>
    );
  }
}

/**
 * The output of a run: the card of the notebook's own text at first, the server's figures once they are there.
 *
 * Where no server answers, or it does not know the run, the notebook's text stays. It goes through the sanitizer in
 * trusted notebooks too.
 */
export class RunCardOutput extends Panel implements IRenderMime.IRenderer {
  constructor(
    private readonly options: IRenderMime.IRendererOptions,
    /** The runs of the notebook that shows it, of that moment. */
    private readonly runsOf: () => NotebookRuns,
    private readonly actions: CardActions,
    /** null: runs are not reproduced here. */
    private readonly reproductions: IReproductions | null,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('bioml-CardOutput');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.stop();
    this.widgets.slice().forEach(widget => widget.dispose());
    const written = this.written(model);
    this.addWidget(written);
    await written.renderModel(untrusted(model));
    const record = recordOf(model.data[CARD_MIME]);
    if (record !== null && !this.isDisposed) {
      this.fill(record, written);
    }
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.stop();
      super.dispose();
    }
  }

  private fill(record: string, written: IRenderMime.IRenderer): void {
    const runs = this.runsOf();
    const filled = new Filled(record, runs, this.actions, this.reproductions, this.trans);
    filled.hide();
    this.addWidget(filled);
    let visible = false;
    const look = (): void => {
      if (runs.detail(record)) {
        filled.show();
        written.hide();
      }
      if (visible && runs.ready) {
        runs.need(record);
        void this.reproductions?.find(runs.path);
      }
    };
    runs.changed.connect(look);
    const watch = whileVisible(this.node, () => {
      visible = true;
      const held = runs.hold();
      look();
      return new DisposableDelegate(() => {
        visible = false;
        held.dispose();
      });
    });
    this.filling = new DisposableDelegate(() => {
      runs.changed.disconnect(look);
      watch.dispose();
    });
  }

  private written(model: IRenderMime.IMimeModel): IRenderMime.IRenderer {
    const [mimeType, factory] =
      'text/html' in model.data ? ['text/html', htmlRendererFactory] : ['text/plain', textRendererFactory];
    return factory.createRenderer({ ...this.options, mimeType });
  }

  private stop(): void {
    this.filling?.dispose();
    this.filling = null;
  }

  private filling: IDisposable | null = null;
}

function untrusted(model: IRenderMime.IMimeModel): IRenderMime.IMimeModel {
  const data = { ...model.data };
  delete data[CARD_MIME];
  return new MimeModel({ trusted: false, data, metadata: model.metadata });
}

/** A record's id is 32 hex digits; anything else is not asked for. */
function recordOf(data: unknown): string | null {
  const record = (data as { record_id?: unknown } | null | undefined)?.record_id;
  return typeof record === 'string' && /^[0-9a-f]{32}$/.test(record) ? record : null;
}
