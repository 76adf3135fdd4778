import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { LiveModel } from '../../model/livefeed';
import { LiveSection } from '../../panels/live';
import { IBioml, ISidebar } from '../../tokens';
import { showCell } from '../showcell';
import { interrupt } from '../stoprun';

/** The sidebar's section with what the notebook's kernel uses now. */
export const liveSectionPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-bioml:live-section',
  description: "The sidebar's section with what the kernel of the notebook uses now.",
  autoStart: true,
  requires: [IBioml, ISidebar],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    bioml: IBioml,
    { sections, notebook }: ISidebar,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_bioml');
    const model = new LiveModel(bioml.client);
    const look = (): void => model.watch.soon();
    const turn = (): void => void (model.path = notebook.path);
    notebook.changed.connect(turn);
    notebook.worked.connect(look);
    turn();
    const widget = new LiveSection(
      model,
      run => notebook.path !== null && void showCell(app.commands, notebook.path, run.cell_id),
      () => notebook.path !== null && void interrupt(app, notebook.path, trans),
      trans
    );
    sections.add({ id: 'live', rank: 10, label: trans.__('Live'), height: 1.4, widget, look });
  }
};
