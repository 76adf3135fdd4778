import '../../testing/browser';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { waitFor } from '@testing-library/dom';
import { ActiveNotebook } from '../../model/active';
import { ProjectModel } from '../../model/project';
import { aStatus } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import type { ITracking, TrackingState } from '../../tokens';
import { StatusPanel } from '../status';

const trans = nullTranslator.load('jupyter_bioml');

/** Says of every notebook the same. */
class OneState implements ITracking {
  constructor(public now: TrackingState) {}
  readonly changed = new Signal<this, NotebookPanel>(this);
  state = (): TrackingState => this.now;
  detail = (): string => 'a cell could not be tracked';
  unsupported = (): null => null;
  untracked = (): number => 0;
  projectChanged = async (): Promise<void> => undefined;
  set = async (): Promise<void> => undefined;
}

function activeNotebook(path: string | null): ActiveNotebook {
  const notebook = {
    context: { path, pathChanged: new Signal<unknown, string>({}) },
    sessionContext: { statusChanged: new Signal<unknown, string>({}) }
  };
  const tracker = {
    currentWidget: path === null ? null : notebook,
    currentChanged: new Signal<unknown, unknown>({})
  };
  return new ActiveNotebook(tracker as unknown as INotebookTracker, one => one);
}

describe('the item of the status bar', () => {
  const panels: StatusPanel[] = [];
  const models: ProjectModel[] = [];

  async function show(
    path: string | null,
    tracking: ITracking | null,
    status = aStatus()
  ): Promise<{ panel: StatusPanel; onClick: jest.Mock }> {
    const model = new ProjectModel(new FakeClient({ 'GET status': () => status }));
    const onClick = jest.fn();
    const panel = new StatusPanel(model, activeNotebook(path), tracking, onClick, trans);
    panels.push(panel);
    models.push(model);
    Widget.attach(panel, document.body);
    await model.watch.now();
    return { panel, onClick };
  }

  const says = (panel: StatusPanel, text: string): Promise<void> =>
    waitFor(() => expect(panel.node.textContent).toBe(text));

  afterEach(() => {
    panels.splice(0).forEach(panel => panel.dispose());
    models.splice(0).forEach(model => model.dispose());
  });

  it('says what the kernel says, also when that changes', async () => {
    const tracking = new OneState('off');
    const { panel, onClick } = await show('a.ipynb', tracking);
    await says(panel, 'tracking off');
    tracking.now = 'auto';
    tracking.changed.emit({} as NotebookPanel);
    await says(panel, 'tracking every cell');
    panel.node.querySelector('button')?.click();
    expect(onClick).toHaveBeenCalledWith(panel);
  });

  it('warns that a full disk keeps nothing', async () => {
    const disk = 'The disk of /home/ada/study is full: what is run now is kept in memory only.';
    const { panel } = await show('a.ipynb', new OneState('on'), aStatus({ disk }));
    await says(panel, '⚠ tracking on · not saved');
    expect(panel.node.querySelector('button')?.title).toBe(disk);
  });

  it('says what the journal shows where nobody asks the kernel', async () => {
    const live = [{ session: 's', notebook: 'study/a.ipynb', running: null }];
    const tracked = await show('work/study/a.ipynb', null, aStatus({ live }));
    await says(tracked.panel, 'tracking on');
    const other = await show('work/study/b.ipynb', null, aStatus({ live }));
    await says(other.panel, 'tracking off');
  });

  it('says nothing of tracking without a notebook', async () => {
    const { panel } = await show(null, new OneState('on'));
    await says(panel, 'experiments');
  });

  it('explains itself in a popup', async () => {
    const waiting = [{ record_id: 'r', name: 'gbm', reason: 'MLflow does not answer' }];
    const { panel } = await show('a.ipynb', new OneState('broken'), aStatus({ waiting }));
    const detail = panel.detail();
    Widget.attach(detail, document.body);
    await waitFor(() => {
      expect(detail.node.textContent).toContain('tracking broken: a cell could not be tracked');
      expect(detail.node.textContent).toContain('gbm: MLflow does not answer');
    });
    detail.dispose();
  });
});
