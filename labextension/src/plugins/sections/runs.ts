import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { RunListModel } from '../../model/runlist';
import { fromRemembered, toRemember } from '../../model/runview';
import { reproduceOf } from '../../panels/reproduce';
import { RunsSection } from '../../panels/runs';
import {
  IBioml,
  IRegisterForm,
  IReproductions,
  IRunCommands,
  IRunPages,
  ISidebar,
  ITracking
} from '../../tokens';
import { TRACK } from '../tracking';
import { offerRunCommands } from '../runmenu';
import { sidebarPlugin } from '../sidebar';

/** The sidebar's section with the runs of the notebook, and the commands on those that are selected in it. */
export const runsSectionPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-bioml:runs-section',
  description: "The sidebar's section with the runs of the notebook.",
  autoStart: true,
  requires: [IBioml, ISidebar, IRunCommands],
  optional: [
    ITranslator,
    ISettingRegistry,
    ICommandPalette,
    IRunPages,
    IRegisterForm,
    IReproductions,
    ITracking
  ],
  activate: (
    app: JupyterFrontEnd,
    bioml: IBioml,
    { sections, notebook, menu }: ISidebar,
    commands: IRunCommands,
    translator: ITranslator | null,
    settings: ISettingRegistry | null,
    palette: ICommandPalette | null,
    pages: IRunPages | null,
    form: IRegisterForm | null,
    reproductions: IReproductions | null,
    tracking: ITracking | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_bioml');
    const model = new RunListModel(bioml.client);
    const path = (): string => model.path ?? '';
    const look = (): void => model.watch.soon();
    const widget = new RunsSection(
      model,
      {
        open: row => pages?.openRun(row.record_id, path()),
        compare: rows =>
          pages?.openComparison(
            rows.map(row => row.record_id),
            path()
          ),
        track: () => {
          const { panel } = notebook;
          const isOff =
            panel && tracking && tracking.state(panel) === 'off' && tracking.unsupported(panel) === null;
          return isOff ? () => void app.commands.execute(TRACK, { mode: 'on' }) : null;
        },
        register: form && (row => void form.open(row.record_id, path())),
        reproduce: reproductions && (row => reproduceOf(row, path(), reproductions, pages))
      },
      trans
    );
    const turn = (): void => void (model.path = notebook.path);
    notebook.changed.connect(turn);
    notebook.worked.connect(look);
    turn();
    tracking?.changed.connect(() => widget.update());
    followReproductions(widget, reproductions);
    offerRunCommands({ app, commands, model, menu, palette, reproductions, trans });
    if (settings) {
      void remember(settings, model);
    }
    sections.add({
      id: 'runs',
      rank: 20,
      label: trans.__('This notebook'),
      height: 4,
      widget,
      look,
      focus: () => widget.focusList()
    });
  }
};

/** The list shows which of its runs are being reproduced, also those that were begun before a reload. */
function followReproductions(runs: RunsSection, reproductions: IReproductions | null): void {
  if (reproductions === null) {
    return;
  }
  reproductions.changed.connect(() => runs.update());
  runs.model.changed.connect(({ page, path }) => {
    if (page !== null) {
      void reproductions.find(path ?? '');
    }
  });
}

/** What is chosen in the list is kept in the settings. */
async function remember(registry: ISettingRegistry, model: RunListModel): Promise<void> {
  const settings = await registry.load(sidebarPlugin.id);
  const kept = fromRemembered(settings.composite);
  let last = JSON.stringify({ ...toRemember(model.view), ...kept });
  model.show({ ...kept, ...(settings.composite.scope === 'project' ? { scope: 'project' } : {}) });
  settings.changed.connect(() => model.show(fromRemembered(settings.composite)));
  model.changed.connect(() => {
    const now = toRemember(model.view);
    if (JSON.stringify(now) === last) {
      return;
    }
    last = JSON.stringify(now);
    for (const [key, value] of Object.entries(now)) {
      if (settings.composite[key] !== value) {
        void settings.set(key, value).catch(() => undefined);
      }
    }
  });
}
