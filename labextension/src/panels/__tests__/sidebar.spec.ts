import '../../testing/browser';
import { nullTranslator } from '@jupyterlab/translation';
import { fireEvent, waitFor, within } from '@testing-library/dom';
import { Widget } from '@lumino/widgets';
import { ApiError } from '../../api/request';
import { type Job, type RunRow } from '../../api/wire';
import type { IReproduce } from '../../components/Reproduction';
import { Connection } from '../../model/connection';
import { Reproductions } from '../../model/jobs';
import { LiveModel } from '../../model/livefeed';
import { ModelsModel } from '../../model/registered';
import { Registry } from '../../model/registry';
import { RunListModel } from '../../model/runlist';
import { aJob, aLive, aModel, aPage, aResult, aRow } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { ExperimentsPanel } from '../experiments';
import { LiveSection } from '../live';
import { ModelsSection } from '../models';
import { reproduceOf } from '../reproduce';
import { RunsSection } from '../runs';
import type { ISidebarSection } from '../section';

const trans = nullTranslator.load('jupyter_bioml');
const nothing = (): void => undefined;

class Sidebar {
  readonly client = new FakeClient({
    'GET ': () => ({
      version: '1',
      schema: 1,
      root: '/',
      project: '/',
      destination: '',
      embedded: true,
      down: null
    }),
    'GET runs': () => aPage([]),
    'GET live': () => aLive(),
    'GET models': () => []
  });
  readonly connection = new Connection(this.client);
  readonly runs = new RunListModel(this.client);
  readonly live = new LiveModel(this.client);
  readonly models = new ModelsModel(this.client);
  readonly opened = jest.fn();
  readonly track = jest.fn((): (() => void) | null => null);
  readonly reproductions = new Reproductions(this.client);
  readonly reproduce = (row: RunRow): IReproduce => reproduceOf(row, 'study.ipynb', this.reproductions, null);
  readonly parts = {
    live: new LiveSection(this.live, nothing, nothing, trans),
    runs: new RunsSection(
      this.runs,
      { open: this.opened, compare: nothing, track: this.track, register: null, reproduce: this.reproduce },
      trans
    ),
    models: new ModelsSection(this.models, new Registry(), nothing, trans)
  };
  readonly sections = new Registry<ISidebarSection>([
    { id: 'models', rank: 30, label: 'Models', height: 2, widget: this.parts.models, look: nothing },
    { id: 'live', rank: 10, label: 'Live', height: 1, widget: this.parts.live, look: nothing },
    { id: 'runs', rank: 20, label: 'This notebook', height: 4, widget: this.parts.runs, look: nothing }
  ]);
  readonly panel = new ExperimentsPanel(
    this.connection,
    this.sections,
    { refresh: nothing, settings: nothing },
    nullTranslator
  );

  async look(): Promise<void> {
    for (const { watch } of [this.runs, this.live, this.models]) {
      await watch.now().catch(nothing);
    }
  }

  /** Once it is drawn, it says all of this. */
  async says(...parts: (string | RegExp)[]): Promise<void> {
    await waitFor(() => parts.forEach(part => expect(this.text).toMatch(part)), { timeout: 5000 });
  }

  get text(): string {
    return this.panel.node.textContent ?? '';
  }

  dispose(): void {
    this.panel.dispose();
    [this.runs, this.live, this.models, this.reproductions].forEach(model => model.dispose());
  }
}

let sidebar: Sidebar;

function button(node: HTMLElement, label: string): HTMLButtonElement | undefined {
  return [...node.querySelectorAll('button')].find(one => one.textContent === label);
}

beforeEach(async () => {
  sidebar = new Sidebar();
  Widget.attach(sidebar.panel, document.body);
});
afterEach(() => sidebar.dispose());

describe('the sidebar', () => {
  it('shows a section that is added later in its place, until it is taken away', () => {
    const titles = (): string[] =>
      [...sidebar.panel.node.querySelectorAll('.jp-AccordionPanel-title, .lm-AccordionPanel-title')].map(
        title => title.textContent ?? ''
      );
    expect(titles()).toEqual(['Live', 'This notebook', 'Models']);
    const widget = new Widget();
    widget.node.textContent = 'Nothing drifts.';
    const added = sidebar.sections.add({
      id: 'drift',
      rank: 25,
      label: 'Drift',
      height: 1,
      widget,
      look: nothing
    });
    expect(titles()).toEqual(['Live', 'This notebook', 'Drift', 'Models']);
    expect(sidebar.text).toContain('Nothing drifts.');
    added.dispose();
    expect(titles()).toEqual(['Live', 'This notebook', 'Models']);
    expect(sidebar.text).not.toContain('Nothing drifts.');
  });

  it('has its three sections, and looks only while it is seen', async () => {
    await sidebar.look();
    expect(sidebar.text).toMatch(/Live.*This notebook.*Models/s);
    expect([sidebar.runs, sidebar.live, sidebar.models].map(model => model.watch.isShown)).toEqual([
      true,
      true,
      true
    ]);
    sidebar.panel.hide();
    expect([sidebar.runs, sidebar.live, sidebar.models].map(model => model.watch.isShown)).toEqual([
      false,
      false,
      false
    ]);
    sidebar.panel.show();
    sidebar.parts.live.hide();
    expect([sidebar.runs.watch.isShown, sidebar.live.watch.isShown]).toEqual([true, false]);
  });

  it('says what to do without a notebook, and without runs', async () => {
    await sidebar.look();
    await sidebar.says('Open a notebook to see its runs');
    sidebar.runs.path = 'study.ipynb';
    await sidebar.look();
    await sidebar.says(
      'No runs yet. A tracked cell that begins with %%experiment or has the tag “experiment” becomes a run.',
      'No models are registered yet'
    );
    const track = jest.fn();
    sidebar.track.mockReturnValue(track);
    sidebar.parts.runs.update();
    await sidebar.says('This notebook is not tracked.', 'run %load_ext jupyter_bioml in its first cell');
    fireEvent.click(within(sidebar.parts.runs.node).getByRole('button', { name: 'Track it' }));
    expect(track).toHaveBeenCalledTimes(1);
    sidebar.runs.show({ q: 'x' });
    await sidebar.look();
    await sidebar.says('No runs match the filter.');
  });

  it('says that the tracking server is down, and what is not whole, beside the runs', async () => {
    sidebar.client.answers['GET runs'] = () =>
      aPage([aRow()], { down: 'refused', loading: true, problems: ['segment x is torn'] });
    sidebar.runs.path = 'study.ipynb';
    await sidebar.look();
    await sidebar.says(
      /The tracking server does not answer .refused.. Runs in the journal are shown/,
      'the list is incomplete',
      'segment x is torn'
    );
    expect(sidebar.panel.node.querySelector('.bioml-RunList')).not.toBeNull();
  });

  it('keeps the runs it has when the server fails, and offers to try again', async () => {
    sidebar.client.answers['GET runs'] = () => aPage([aRow()]);
    sidebar.runs.path = 'study.ipynb';
    await sidebar.look();
    sidebar.client.answers['GET runs'] = () => new ApiError(503, 'x', 'Busy.', 'Wait.');
    await sidebar.look();
    await sidebar.says('Busy. Runs read earlier are still shown. Wait.');
    expect(sidebar.panel.node.querySelector('.bioml-RunList')).not.toBeNull();
  });

  it('shows only what to install while the server half is missing', async () => {
    sidebar.client.answers['GET '] = () =>
      new ApiError(404, 'server-half-missing', 'It is missing.', 'Install it.');
    await sidebar.connection.refresh();
    await sidebar.says('It is missing. Install it.');
    expect(sidebar.panel.content.isHidden).toBe(true);
    sidebar.client.answers['GET '] = () => ({});
    await sidebar.connection.refresh();
    expect(sidebar.panel.content.isHidden).toBe(false);
  });

  it.each([
    ['FINISHED', 'gbm-depth3 has finished.'],
    ['FAILED', 'gbm-depth3 has failed.'],
    ['KILLED', 'gbm-depth3 was killed.']
  ] as const)('tells screen readers how a run ended: %s', async (state, said) => {
    sidebar.runs.path = 'study.ipynb';
    sidebar.client.answers['GET runs'] = () => aPage([aRow({ state: 'RUNNING' })]);
    await sidebar.look();
    await sidebar.says('Compare');
    sidebar.client.answers['GET runs'] = () => aPage([aRow({ state })]);
    await sidebar.look();
    const live = (): Element | null => sidebar.panel.node.querySelector('[aria-live="polite"]');
    await waitFor(() => expect(live()?.textContent).toContain(said));
  });

  it('shows of the one chosen run how making it again goes, and marks its line', async () => {
    const record = 'a'.repeat(32);
    let job: Job = aJob({ progress: ['cell 2 of 5'] });
    const { client, runs, reproductions, panel } = sidebar;
    Object.assign(client.answers, {
      'GET runs': () => aPage([aRow(), aRow({ record_id: 'other' })]),
      'GET jobs': () => [],
      'POST jobs': () => job,
      'GET jobs/job-1': () => job
    });
    reproductions.changed.connect(() => sidebar.parts.runs.update());
    runs.path = 'study.ipynb';
    await sidebar.look();
    runs.choose(0, 'one');
    await waitFor(() => expect(button(panel.node, 'Reproduce')?.getAttribute('aria-disabled')).toBe('false'));
    button(panel.node, 'Reproduce')?.click();
    await sidebar.says('cell 2 of 5');
    expect(client.of('POST jobs')[0].body).toEqual({ kind: 'reproduce', run: record });
    expect(button(panel.node, 'Reproduce')?.getAttribute('aria-disabled')).toBe('true');
    job = aJob({ state: 'done', result: aResult(), ended: 1_795_270_004 });
    await sidebar.says('All 4 metrics were reproduced exactly');
    runs.choose(1, 'toggle');
    await waitFor(() => expect(sidebar.text).not.toContain('were reproduced'));
    expect(button(panel.node, 'Reproduce')?.title).toBe('Select one run');
  });

  it('shows the version it is asked for', async () => {
    Element.prototype.scrollIntoView = jest.fn();
    sidebar.client.answers['GET models'] = () => [aModel()];
    await sidebar.look();
    await sidebar.says('diagnosis-gbm');
    sidebar.parts.models.showVersion('diagnosis-gbm', '4');
    const shown = (): Element | null => sidebar.panel.node.querySelector('.bioml-Version.bioml-mod-shown');
    await waitFor(() => expect(shown()?.textContent).toContain('v4'));
  });
});

it('buttons of the toolbar only do something: a screen reader does not call them switches', async () => {
  await waitFor(() => expect(sidebar.panel.toolbar.node.querySelectorAll('[title]')).toHaveLength(2));
  expect(sidebar.panel.toolbar.node.querySelectorAll('[aria-pressed]')).toHaveLength(0);
});

it('sections with nothing in them say so in little room, and take theirs once there is something', async () => {
  const isSmall = (): boolean[] =>
    [sidebar.parts.live, sidebar.parts.models].map(section => section.hasClass('bioml-mod-empty'));
  expect(isSmall()).toEqual([true, false]);
  sidebar.runs.path = sidebar.live.path = sidebar.models.path = 'study.ipynb';
  await sidebar.look();
  expect(isSmall()).toEqual([true, true]);
  sidebar.client.answers['GET models'] = () => [aModel()];
  sidebar.client.answers['GET live'] = () => aLive({ cell_started: 1_795_270_000 });
  await sidebar.look();
  expect(isSmall()).toEqual([false, false]);
});
