import { nullTranslator } from '@jupyterlab/translation';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { ApiError } from '../../../api/request';
import { DEFAULT_VIEW, IRunView } from '../../../model/runview';
import { aLive, aModel, aPoint, aRow, aStatus, aVersion } from '../../../testing/builders';
import { aReproduce } from '../../../testing/reproduce';
import { StatusDetail, StatusItem } from '../../StatusView';
import { FilterBar } from '../FilterBar';
import { LiveView } from '../LiveView';
import type { IVersionCommand } from '../../../tokens';
import { ModelsView } from '../ModelsView';
import { SelectionBar } from '../SelectionBar';

const trans = nullTranslator.load('jupyter_bioml');
const HOSTILE = '<img src=x onerror=alert(1)>\u202e';

describe('the filter', () => {
  function show(view: Partial<IRunView> = {}): jest.Mock {
    const onShow = jest.fn();
    render(
      <FilterBar
        view={{ ...DEFAULT_VIEW, ...view }}
        metric="auc"
        metricKeys={['auc', 'loss']}
        total={12_345}
        experiments={[{ name: HOSTILE, runs: 1 }]}
        onShow={onShow}
        onAskExperiments={jest.fn()}
        trans={trans}
      />
    );
    return onShow;
  }

  afterEach(() => jest.useRealTimers());

  it('asks once typing pauses', () => {
    jest.useFakeTimers();
    const onShow = show();
    const field = screen.getByRole('searchbox');
    expect(field.getAttribute('placeholder')).toBe('Filter 12,345 runs…');
    fireEvent.change(field, { target: { value: 'de' } });
    fireEvent.change(field, { target: { value: 'depth' } });
    expect(onShow).not.toHaveBeenCalled();
    act(() => void jest.advanceTimersByTime(300));
    expect(onShow.mock.calls).toEqual([[{ q: 'depth' }]]);
  });

  it('chooses whose runs and which metric', () => {
    const onShow = show();
    fireEvent.change(screen.getByLabelText('Show runs of'), { target: { value: 'project' } });
    fireEvent.change(screen.getByLabelText('Show runs of'), { target: { value: `experiment:${HOSTILE}` } });
    fireEvent.change(screen.getByLabelText('Metric shown'), { target: { value: 'loss' } });
    expect(onShow.mock.calls).toEqual([
      [{ scope: 'project' }],
      [{ scope: 'experiment', experiment: HOSTILE }],
      [{ metric: 'loss' }]
    ]);
  });

  it('has the rest behind a button', () => {
    const onShow = show({ states: ['FAILED'] });
    expect(screen.queryByText('State')).toBeNull();
    const button = screen.getByLabelText('More filters and sorting');
    fireEvent.click(button);
    expect(button.getAttribute('aria-expanded')).toBe('true');
    fireEvent.click(screen.getByLabelText('running'));
    fireEvent.click(screen.getByLabelText('failed'));
    fireEvent.click(screen.getByLabelText('starred only'));
    fireEvent.click(screen.getByLabelText('include archived'));
    fireEvent.change(screen.getByLabelText('Order'), { target: { value: 'metric' } });
    fireEvent.click(screen.getByLabelText('Ascending'));
    fireEvent.click(screen.getByLabelText('Group runs by name'));
    fireEvent.click(screen.getByText('Clear filters'));
    expect(onShow.mock.calls.map(([changes]) => changes)).toEqual([
      { states: ['FAILED', 'RUNNING'] },
      { states: [] },
      { starred: true },
      { archived: true },
      { sort: 'metric' },
      { order: 'asc' },
      { grouped: true },
      { q: '', tags: '', states: [], min: null, max: null, starred: false }
    ]);
  });

  it('reads a range of the metric', () => {
    jest.useFakeTimers();
    const onShow = show({ max: 1 });
    fireEvent.click(screen.getByLabelText('More filters and sorting'));
    expect(screen.getByText('auc from, to')).toBeTruthy();
    fireEvent.change(screen.getByLabelText('Smallest'), { target: { value: '0.5' } });
    fireEvent.change(screen.getByLabelText('Largest'), { target: { value: '' } });
    act(() => void jest.advanceTimersByTime(300));
    expect(onShow.mock.calls).toEqual([[{ min: 0.5 }], [{ max: null }]]);
  });
});

describe('the actions on chosen runs', () => {
  function show(count: number, hasModel = true): Record<'onCompare' | 'onRegister' | 'reproduce', jest.Mock> {
    const acts = { onCompare: jest.fn(), onRegister: jest.fn(), reproduce: jest.fn(() => aReproduce()) };
    const selected = Array.from({ length: count }, (_, index) =>
      aRow({ record_id: String(index), has_model: hasModel })
    );
    render(
      <SelectionBar selected={selected} onOpen={jest.fn()} onMore={jest.fn()} trans={trans} {...acts} />
    );
    return acts;
  }

  const isDisabled = (name: string): boolean =>
    screen.getByRole<HTMLButtonElement>('button', { name }).disabled;

  it('do nothing without a choice', () => {
    show(0);
    expect(['Open', 'Compare', 'Register…', 'More actions'].every(isDisabled)).toBe(true);
  });

  it('open and register one run', () => {
    const { onRegister } = show(1);
    expect([isDisabled('Open'), isDisabled('Compare')]).toEqual([false, true]);
    fireEvent.click(screen.getByText('Register…'));
    expect(onRegister).toHaveBeenCalledTimes(1);
  });

  it('register no run without a model, and say why', () => {
    show(1, false);
    expect(isDisabled('Register…')).toBe(true);
    expect(screen.getByText('Register…').title).toContain('no model');
  });

  it.each([
    [0, 0],
    [1, 1],
    [2, 0]
  ])('make one run again, none of %p', (count, expected) => {
    const { reproduce } = show(count);
    fireEvent.click(screen.getByRole('button', { name: 'Reproduce' }));
    const started = reproduce.mock.results.map(({ value }) => value.onStart.mock.calls.length);
    expect(started).toEqual(expected ? [1] : []);
  });

  it.each([
    [2, false],
    [20, false],
    [21, true]
  ])('compare %p runs: disabled %p', (count, expected) => {
    show(count);
    expect(isDisabled(`Compare ${count}`)).toBe(expected);
  });
});

describe('what is live', () => {
  const base = {
    error: null,
    hasNotebook: true,
    onRetry: jest.fn(),
    onCell: jest.fn(),
    onStop: jest.fn(),
    trans
  };

  it('says when there is nothing to see, and why', () => {
    const { rerender } = render(<LiveView {...base} live={null} hasNotebook={false} />);
    expect(screen.getByText(/Open a notebook/)).toBeTruthy();
    rerender(<LiveView {...base} live={null} />);
    expect(screen.getByText('Loading…')).toBeTruthy();
    rerender(<LiveView {...base} live={aLive()} />);
    expect(screen.getByText('Nothing is running.')).toBeTruthy();
    expect(screen.queryByText('CPU')).toBeNull();
    rerender(<LiveView {...base} live={aLive({ cell_started: 5 })} />);
    expect(screen.getByText(/not an experiment/)).toBeTruthy();
  });

  it('shows the run, its clock and a curve for each thing that is there', () => {
    const now = Date.now() / 1000;
    const run = {
      record_id: 'r',
      name: HOSTILE,
      execution_count: 12,
      cell_id: 'c',
      started: now - 41,
      duration: 41
    };
    const gpu = { index: 0, utilization_percent: 88, memory: 3.2e9, own: true, energy_millijoules: null };
    const points = [aPoint({ t: now - 5 }), aPoint({ t: now - 1, gpus: [gpu] })];
    const { container } = render(
      <LiveView {...base} live={aLive({ runs: [run], points, cell_started: now - 41 })} />
    );
    const labels = screen.getAllByRole('img').map(image => image.getAttribute('aria-label'));
    expect(labels).toEqual([
      expect.stringMatching(/^CPU over the last 1 min 00 s, now 97 %$/),
      expect.stringMatching(/^Memory .*now 611 MB$/),
      expect.stringMatching(/^GPU0 .*now 88 %$/),
      expect.stringMatching(/^VRAM0 .*now 3.2 GB$/)
    ]);
    expect(container.querySelectorAll('.bioml-Sparkline-mark')).toHaveLength(4);
    expect(container.querySelector('img')).toBeNull();
    fireEvent.click(screen.getByText('cell [12]'));
    expect(base.onCell).toHaveBeenCalledWith(run);
    fireEvent.click(screen.getByTitle('Stop: interrupt the kernel'));
    expect(base.onStop).toHaveBeenCalledTimes(1);
  });

  it('says what is wrong and what to do', () => {
    const error = new ApiError(503, 'x', 'It does not answer.', 'Is it running?');
    render(<LiveView {...base} live={null} error={error} />);
    expect(screen.getByRole('alert').textContent).toBe('⚠ It does not answer. Try again');
    expect(screen.getByRole('alert').title).toBe('It does not answer. Is it running?');
    fireEvent.click(screen.getByText('Try again'));
    expect(base.onRetry).toHaveBeenCalled();
  });
});

describe('the models', () => {
  const commands: IVersionCommand[] = [
    { id: 'open', rank: 1, label: 'Open run', execute: jest.fn() },
    {
      id: 'load',
      rank: 2,
      label: 'Insert code',
      caption: 'Insert a cell',
      hindrance: ({ record_id }) => (record_id === null ? 'Open a notebook first' : null),
      execute: jest.fn()
    }
  ];

  function show(
    changes: Partial<React.ComponentProps<typeof ModelsView>> = {}
  ): Record<'onCommand' | 'onRemoveAlias', jest.Mock> {
    const actions = { onCommand: jest.fn(), onRemoveAlias: jest.fn() };
    Element.prototype.scrollIntoView = jest.fn();
    render(
      <ModelsView
        models={[aModel()]}
        commands={commands}
        error={null}
        shown={{ name: 'diagnosis-gbm', version: '4' }}
        onRetry={jest.fn()}
        trans={trans}
        {...actions}
        {...changes}
      />
    );
    return actions;
  }

  it('say where each version comes from, and what can be done with it', () => {
    const actions = show();
    const entry = screen.getByRole('group', { name: 'Actions on diagnosis-gbm v4' }).parentElement;
    expect(entry?.textContent).toContain('champion');
    expect(entry?.textContent).toContain('ada');
    expect(entry?.textContent).toContain('from gbm-depth3 · study.ipynb');
    fireEvent.click(screen.getByText('Open run'));
    fireEvent.click(screen.getByText('Insert code'));
    fireEvent.click(screen.getByLabelText('Remove the alias champion'));
    expect(actions.onCommand.mock.calls).toEqual(commands.map(command => [command, aVersion()]));
    expect(actions.onRemoveAlias).toHaveBeenCalledWith(aVersion(), 'champion');
  });

  it('show what was written about a model and its versions, as text and cut where it is long', () => {
    const about = (): string[] =>
      Array.from(document.querySelectorAll('.bioml-Model-about'), one => one.textContent ?? '');
    const versions = [aVersion({ description: 'calibrated' }), aVersion({ version: '3', description: ' ' })];
    show({ models: [aModel({ description: `Of 12 sites.\r\n${HOSTILE}`, versions })] });
    expect(about()).toEqual(['Of 12 sites.\n<img src=x onerror=alert(1)>\\u202e', 'calibrated']);
    expect(screen.getByText('calibrated').closest('li')?.textContent).toContain('v4');
    cleanup();
    show({ models: [aModel({ description: 'x'.repeat(10_000) })] });
    expect(about()).toEqual([`${'x'.repeat(1000)}…`]);
    cleanup();
    show();
    expect(about()).toEqual([]);
  });

  it('say what to do where there is none, and what is wrong', () => {
    show({ models: [] });
    expect(screen.getByText(/No models are registered yet/)).toBeTruthy();
    show({ models: null });
    expect(screen.getByText('Loading…')).toBeTruthy();
    show({ error: new Error('down') });
    expect(screen.getByRole('alert').textContent).toBe('⚠ down Try again');
  });

  it('say why something cannot be done with a version', () => {
    const version = aVersion({ run_id: null, record_id: null, run_name: null, name: HOSTILE });
    show({
      models: [aModel({ name: HOSTILE, versions: [version] })],
      shown: { name: HOSTILE, version: '4' }
    });
    expect(screen.getByText<HTMLButtonElement>('Open run').disabled).toBe(false);
    const insert = screen.getByText<HTMLButtonElement>('Insert code');
    expect([insert.disabled, insert.title]).toEqual([true, 'Open a notebook first']);
    expect(screen.getByText(/the run is unknown/)).toBeTruthy();
    expect(document.querySelector('img')).toBeNull();
  });
});

describe('the status bar', () => {
  it('says whether the notebook is tracked, and how many runs wait', () => {
    const waiting = [{ record_id: 'r', name: HOSTILE, reason: 'MLflow does not answer' }];
    const onClick = jest.fn();
    render(<StatusItem state="on" status={aStatus({ waiting })} onClick={onClick} trans={trans} />);
    expect(screen.getByRole('button').textContent).toBe('tracking on · 1 waiting');
    fireEvent.click(screen.getByRole('button'));
    expect(onClick).toHaveBeenCalled();
  });

  it.each([
    ['auto', 'tracking every cell'],
    ['off', 'tracking off'],
    ['broken', '⚠ tracking broken'],
    ['unknown', 'tracking unknown'],
    [null, 'experiments']
  ] as const)('says %p as %p', (state, text) => {
    render(<StatusItem state={state} status={aStatus()} onClick={jest.fn()} trans={trans} />);
    expect(screen.getByRole('button').textContent).toBe(text);
  });

  it('counts what waits for another place', () => {
    const waiting = [{ record_id: 'r', name: 'gbm', reason: 'it has not been sent yet' }];
    const place = { key: 'k', destination: 'http://old', original: null, runs: 3, waiting, text: '3 runs' };
    render(
      <StatusItem state="on" status={aStatus({ elsewhere: [place] })} onClick={jest.fn()} trans={trans} />
    );
    expect(screen.getByRole('button').textContent).toBe('tracking on · 1 waiting elsewhere');
  });

  it('lists what waits and why', () => {
    const waiting = Array.from({ length: 25 }, (_, index) => ({
      record_id: String(index),
      name: `run ${index}`,
      reason: 'it still runs'
    }));
    const problems = ['1 line of the journal x.log is damaged'];
    const told = '2 runs were recorded for http://old; none of them is there yet.';
    const place = { key: 'k', destination: 'http://old', original: null, runs: 2, waiting: [], text: told };
    const fallback = 'The folder is read-only.';
    const status = aStatus({ waiting, problems, elsewhere: [place], down: 'refused', fallback });
    render(
      <StatusDetail
        state="broken"
        detail="a cell failed"
        untracked={0}
        status={status}
        error={null}
        trans={trans}
      />
    );
    const text = screen.getByRole('dialog').textContent ?? '';
    for (const part of [
      'tracking broken: a cell failed',
      'MLflow does not answer: refused',
      'The folder is read-only.',
      '25 runs are waiting',
      'run 19: it still runs',
      'and 5 more',
      '1 line of the journal x.log is damaged',
      told,
      'the journal takes 1.2 MB'
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('run 20:');
  });

  it('says that runs are kept where the server does not answer', () => {
    render(
      <StatusDetail
        state={null}
        detail={null}
        untracked={3}
        status={null}
        error={new Error('gone')}
        trans={trans}
      />
    );
    expect(screen.getByRole('dialog').textContent).toContain('gone Runs are still kept in the journal.');
    expect(screen.getByRole('dialog').textContent).toContain('3 cells ran before tracking started');
  });
});
