import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRenderMimeRegistry, RenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { ITranslator } from '@jupyterlab/translation';
import type { RunDetail } from '../api/wire';
import type { ICardActions } from '../components/RunCard';
import { reproduceOf } from '../panels/reproduce';
import { CARD_MIME, RunCardOutput } from '../panels/runcard';
import { RESTART_HERE } from './restarthere';
import { IRegisterForm, IReproductions, IRunPages, IRunsOfNotebooks } from '../tokens';

/** Above HTML, which the same display holds too. */
const RANK = 40;

/** Draws run cards in the outputs of cells. */
export const cardPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-bioml:card',
  description: 'Draws run cards in the outputs of cells, filled from the server.',
  autoStart: true,
  requires: [IRenderMimeRegistry, IRunsOfNotebooks, ITranslator],
  optional: [IRunPages, IRegisterForm, IReproductions],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    runs: IRunsOfNotebooks,
    translator: ITranslator,
    pages: IRunPages | null,
    form: IRegisterForm | null,
    reproductions: IReproductions | null
  ): void => {
    const trans = translator.load('jupyter_bioml');
    rendermime.addFactory(
      {
        // it shows text only, and asks the user's own server
        safe: true,
        mimeTypes: [CARD_MIME],
        createRenderer: options => {
          const path = (): string =>
            app.serviceManager.contents.localPath(notebookOf(options.resolver ?? null));
          const actions = (detail: RunDetail): ICardActions =>
            actionsOf(detail, path(), { app, pages, form, reproductions });
          return new RunCardOutput(options, () => runs.of(path()), actions, reproductions, trans);
        }
      },
      RANK
    );
  }
};

/** The path of the notebook whose output is drawn; empty where it is not known. */
function notebookOf(resolver: IRenderMime.IResolver | null): string {
  return resolver instanceof RenderMimeRegistry.UrlResolver ? resolver.path : '';
}

/** What can be done with a run from its card: only what is possible is there. */
export function actionsOf(
  detail: RunDetail,
  path: string,
  parts: {
    app: JupyterFrontEnd;
    pages: IRunPages | null;
    form: IRegisterForm | null;
    reproductions: IReproductions | null;
  }
): ICardActions {
  const { row, previous } = detail;
  const { app, pages, form, reproductions } = parts;
  const record = row.record_id;
  return {
    open: pages && (() => pages.openRun(record, path)),
    compare: pages && previous && (() => pages.openComparison([previous.record_id, record], path)),
    register: row.has_model && form ? () => void form.open(record, path) : null,
    reproduce: reproductions && reproduceOf(row, path, reproductions, pages),
    restart: app.commands.hasCommand(RESTART_HERE)
      ? () => void app.commands.execute(RESTART_HERE, { path, cell: row.cell_id ?? '' })
      : null
  };
}
