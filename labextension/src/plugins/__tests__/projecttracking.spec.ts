import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { StateDB } from '@jupyterlab/statedb';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import { ApiError } from '../../api/request';
import { Connection } from '../../model/connection';
import { aPage, aRow, aStatus } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import type { ITracking, TrackingState } from '../../tokens';
import { projectTrackingPlugin, TRACK_PROJECT } from '../projecttracking';

class Lab {
  decided: boolean | null = null;
  project = '/home/ada/study';
  rows = [aRow()];
  readonly client = new FakeClient({
    'GET status': () => aStatus({ project: this.project, track: this.decided }),
    'GET runs': () => aPage(this.rows),
    'PUT track': ({ body }) => {
      this.decided = (body as { track: boolean }).track;
      return body;
    }
  });
  readonly commands = new CommandRegistry();
  state: TrackingState = 'on';
  readonly changed = new Signal<object, NotebookPanel>({});
  readonly projectChanged = jest.fn(async (_: NotebookPanel) => undefined);
  panels = [this.aPanel('study/a.ipynb')];

  constructor(readonly memory = new StateDB()) {
    const notebooks = {
      currentWidget: this.panels[0],
      currentChanged: new Signal<object, NotebookPanel | null>({}),
      forEach: (each: (panel: NotebookPanel) => void) => this.panels.forEach(each),
      find: () => undefined
    };
    const app = {
      commands: this.commands,
      serviceManager: { contents: { localPath: (path: string) => path } }
    };
    const tracking = {
      state: () => this.state,
      changed: this.changed,
      projectChanged: this.projectChanged
    };
    void projectTrackingPlugin.activate(
      app as unknown as JupyterFrontEnd,
      new Connection(this.client),
      notebooks as unknown as INotebookTracker,
      tracking as unknown as ITracking,
      nullTranslator,
      memory,
      null
    );
  }

  aPanel(path: string): NotebookPanel {
    return { context: { path } } as unknown as NotebookPanel;
  }

  async happens(panel = this.panels[0]): Promise<void> {
    this.changed.emit(panel);
    await new Promise(resolve => setTimeout(resolve));
  }
}

describe('tracking every notebook of a project', () => {
  const asked = jest.spyOn(Notification, 'info').mockReturnValue('id');
  const refused = jest.spyOn(Notification, 'error').mockReturnValue('id');

  beforeEach(() => jest.clearAllMocks());
  afterAll(() => jest.restoreAllMocks());

  it('asks once for a project, without being in the way, and yes is one click', async () => {
    const lab = new Lab();
    await lab.happens();
    await lab.happens();
    await lab.happens(lab.aPanel('study/b.ipynb'));
    expect(asked).toHaveBeenCalledTimes(1);
    const [text, options] = asked.mock.calls[0];
    expect(text).toContain('“study”');
    expect(options?.actions?.map(action => action.label)).toEqual(['Track every notebook', 'No']);
    options?.actions?.[0].callback({} as MouseEvent);
    await lab.happens();
    expect(lab.client.of('PUT track').map(call => call.body)).toEqual([{ track: true }]);
    expect(lab.projectChanged).toHaveBeenCalledTimes(1);
    expect(lab.commands.isToggled(TRACK_PROJECT)).toBe(true);
  });

  it('remembers for good that it asked, for each project by itself', async () => {
    const memory = new StateDB();
    await new Lab(memory).happens();
    const later = new Lab(memory);
    await later.happens();
    expect(asked).toHaveBeenCalledTimes(1);
    const other = new Lab(memory);
    other.project = '/home/ada/other';
    await other.happens();
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it.each<[string, Partial<Lab>]>([
    ['it is on already', { decided: true }],
    ['somebody said no in the settings', { decided: false }],
    ['there is no run yet', { rows: [] }],
    ['the notebook is not tracked', { state: 'off' }],
    ['nothing is known yet', { state: 'unknown' }]
  ])('does not ask when %s', async (_, changes) => {
    const lab = Object.assign(new Lab(), changes);
    await lab.happens();
    expect(asked).not.toHaveBeenCalled();
  });

  it('is silent without the server half', async () => {
    const lab = new Lab();
    lab.client.answers = {};
    await lab.happens();
    expect(asked).not.toHaveBeenCalled();
    expect(refused).not.toHaveBeenCalled();
  });

  it('can be turned on and off, and a refusal changes nothing', async () => {
    const lab = new Lab();
    await lab.commands.execute(TRACK_PROJECT);
    await lab.commands.execute(TRACK_PROJECT);
    expect(lab.client.of('PUT track').map(call => call.body)).toEqual([{ track: true }, { track: false }]);
    lab.client.answers['PUT track'] = () =>
      new ApiError(409, 'refused', 'It lies above the root.', 'Write it.');
    await lab.commands.execute(TRACK_PROJECT);
    expect(refused.mock.calls[0][0]).toContain('It lies above the root. Write it.');
    expect(lab.commands.isToggled(TRACK_PROJECT)).toBe(false);
  });
});
