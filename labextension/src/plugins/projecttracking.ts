import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { list } from '../api/runs';
import { status, track } from '../api/status';
import { printable } from '../model/format';
import { IBioml, ITracking } from '../tokens';
import { LASTING, sayError } from './notify';

export const TRACK_PROJECT = 'bioml:track-project';

/** What is remembered: the projects whose user was asked, by their folders. */
const ASKED = 'jupyter-bioml-asked:';
/** Characters of a project's name in the question. */
const NAME = 40;

/** Tracks every notebook of a project: a setting of the project, and a question that is asked once. */
export const projectTrackingPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-bioml:project-tracking',
  description: 'Tracks every notebook of a project: a command, and a question after the first run.',
  autoStart: true,
  requires: [IBioml, INotebookTracker, ITracking, ITranslator],
  optional: [IStateDB, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    bioml: IBioml,
    notebooks: INotebookTracker,
    tracking: ITracking,
    translator: ITranslator,
    memory: IStateDB | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = translator.load('jupyter_bioml');
    const project = new TrackedProject(
      bioml,
      notebooks,
      tracking,
      path => app.serviceManager.contents.localPath(path),
      trans
    );
    app.commands.addCommand(TRACK_PROJECT, {
      label: trans.__('Track Every Notebook of This Project'),
      caption: trans.__(
        'Load jupyter-bioml in the kernel of each notebook of the project that is opened here.'
      ),
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => notebooks.currentWidget !== null,
      isToggleable: true,
      isToggled: () => notebooks.currentWidget !== null && project.isTracked(notebooks.currentWidget),
      execute: async () => {
        const panel = notebooks.currentWidget;
        if (panel) {
          await project.decide(panel, !project.isTracked(panel));
          app.commands.notifyCommandChanged(TRACK_PROJECT);
        }
      }
    });
    palette?.addItem({ command: TRACK_PROJECT, category: trans.__('Experiments') });
    notebooks.currentChanged.connect(async (_, panel) => {
      if (panel && (await project.look(panel).catch(() => false))) {
        app.commands.notifyCommandChanged(TRACK_PROJECT);
      }
    });
    if (memory !== null) {
      const question = new Question(project, memory, trans);
      tracking.changed.connect((_, panel) => void question.consider(panel, tracking.state(panel)));
      NotebookActions.executed.connect((_, { notebook }) => {
        const panel = notebooks.find(one => one.content === notebook);
        if (panel) {
          void question.consider(panel, tracking.state(panel));
        }
      });
    }
  }
};

/** The setting of the projects that notebooks belong to. */
class TrackedProject {
  constructor(
    private readonly bioml: IBioml,
    private readonly notebooks: INotebookTracker,
    private readonly tracking: ITracking,
    private readonly localPath: (path: string) => string,
    private readonly trans: TranslationBundle
  ) {}

  /** As it was when it was last asked for. */
  isTracked(panel: NotebookPanel): boolean {
    return this.known.get(panel) ?? false;
  }

  /** Ask for the setting. Resolves to whether it is another one now. */
  async look(panel: NotebookPanel): Promise<boolean> {
    const before = this.isTracked(panel);
    const { track: isTracked } = await status(this.bioml.client, this.path(panel));
    this.known.set(panel, isTracked === true);
    return before !== this.isTracked(panel);
  }

  /** The project's folder; null where somebody has decided already. */
  async undecided(panel: NotebookPanel): Promise<string | null> {
    const { track: decided, project } = await status(this.bioml.client, this.path(panel));
    return decided === null ? project : null;
  }

  async hasRuns(panel: NotebookPanel): Promise<boolean> {
    return (await list(this.bioml.client, this.path(panel), { scope: 'project', limit: 1 })).total > 0;
  }

  /** Write the setting, and follow it in every open notebook that has no mode of its own. */
  async decide(panel: NotebookPanel, isTracked: boolean): Promise<void> {
    try {
      await track(this.bioml.client, this.path(panel), isTracked);
    } catch (error) {
      sayError(error, this.trans);
      return;
    }
    this.known.set(panel, isTracked);
    const open: NotebookPanel[] = [];
    this.notebooks.forEach(one => open.push(one));
    await Promise.all(open.map(one => this.tracking.projectChanged(one)));
    this.bioml.touch();
  }

  private path(panel: NotebookPanel): string {
    return this.localPath(panel.context.path);
  }

  private readonly known = new WeakMap<NotebookPanel, boolean>();
}

/** Asks once for each project, after its first run; what was asked once is never asked again. */
class Question {
  constructor(
    private readonly project: TrackedProject,
    private readonly memory: IStateDB,
    private readonly trans: TranslationBundle
  ) {}

  async consider(panel: NotebookPanel, state: string): Promise<void> {
    if (state === 'off' || state === 'unknown' || this.done.has(panel)) {
      return;
    }
    try {
      if (!(await this.project.hasRuns(panel)) || this.done.has(panel)) {
        return;
      }
      this.done.add(panel);
      const project = await this.project.undecided(panel);
      if (project === null || this.asked.has(project)) {
        return;
      }
      this.asked.add(project);
      if ((await this.memory.fetch(ASKED + project)) === undefined) {
        await this.memory.save(ASKED + project, true);
        this.ask(panel, project);
      }
    } catch {
      // without the server half there is nothing to decide; the next cell's end looks again
    }
  }

  private ask(panel: NotebookPanel, project: string): void {
    const { trans } = this;
    const name = printable(project.split('/').pop() ?? project);
    const shown = name.length > NAME ? `${name.slice(0, NAME - 1)}…` : name;
    Notification.info(trans.__('Track every notebook of the project “%1” from its first cell on?', shown), {
      autoClose: LASTING,
      actions: [
        {
          label: trans.__('Track every notebook'),
          displayType: 'accent',
          caption: trans.__('Writes track = true into bioml.toml of the project.'),
          callback: () => void this.project.decide(panel, true)
        },
        {
          label: trans.__('No'),
          caption: trans.__(
            'Can be changed later: “Track Every Notebook of This Project” in the command palette.'
          ),
          callback: () => undefined
        }
      ]
    });
  }

  private readonly asked = new Set<string>();
  private readonly done = new WeakSet<NotebookPanel>();
}
