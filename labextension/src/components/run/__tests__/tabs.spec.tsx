import { act, fireEvent, render, screen, within } from '@testing-library/react';
import React from 'react';
import { aRow, aVersion } from '../../../testing/builders';
import {
  aComparison,
  aDataUse,
  aDetail,
  aDiff,
  anOutput,
  aResources,
  HOSTILE,
  trans
} from '../../../testing/pages';
import { Code } from '../Code';
import { Curves } from '../Curves';
import { Data } from '../Data';
import { Environment } from '../Environment';
import { Files } from '../Files';
import { Lineage } from '../Lineage';
import { Outputs } from '../Outputs';
import { Overview } from '../Overview';
import { ResourcesView } from '../ResourcesView';

const nothing = (): void => undefined;
const cells = (row: HTMLElement): (string | null)[] => Array.from(row.children, cell => cell.textContent);
const rows = (): (string | null)[][] => screen.getAllByRole('row').map(cells);

describe('Overview', () => {
  const show = (
    detail = aDetail(),
    best: React.ComponentProps<typeof Overview>['best'] = null,
    onOpenRun: (id: string) => void = nothing
  ): string => {
    const { container } = render(
      <Overview
        detail={detail}
        best={best}
        onOpenRun={onOpenRun}
        onOpenLater={nothing}
        onTab={nothing}
        trans={trans}
      />
    );
    return container.textContent ?? '';
  };

  it('shows each metric with its previous value, the difference and the best', () => {
    const opened: string[] = [];
    show(aDetail(), { auc: { record_id: 'r9', value: 0.999 } }, id => opened.push(id));
    expect(rows()[1].slice(0, 4)).toEqual(['auc', '0.9931', '0.9889', '▲ +0.0042']);
    expect(rows()[1][4]).toContain('0.999');
    fireEvent.click(screen.getByRole('button', { name: 'Open the best run' }));
    expect(opened).toEqual(['r9']);
  });

  it('shows parameters that were set, and folds those at their defaults', () => {
    const params = { depth: 3, 'gbm.tol': 0.1, 'gbm.warm_start': false };
    show(aDetail({ row: { params }, record: { defaults: ['gbm.tol', 'gbm.warm_start'] } }));
    const fold = screen.getByText('2 at their defaults').closest('details');
    expect(fold?.open).toBe(false);
    expect(fold?.textContent).toContain('gbm.tol');
    expect(screen.getByText('depth').closest('details')).toBeNull();
    expect(screen.queryByText('No parameters were found in this cell or logged by it.')).toBeNull();
  });

  it('marks the run that is the best itself', () => {
    show(aDetail(), { auc: { record_id: 'a'.repeat(32), value: 0.9931 } });
    expect(screen.getByRole('img', { name: 'this run is the best' }).textContent).toContain('★');
    expect(screen.queryByRole('button', { name: 'Open the best run' })).toBeNull();
  });

  it('shows a metric without a previous value, and values that are not metrics apart from it', () => {
    show(
      aDetail({
        previous: null,
        record: { values: { converged: true, gradient: { $float: 'NaN' } } }
      })
    );
    expect(rows()[1].slice(1, 4)).toEqual(['0.9931', '–', '–']);
    expect(rows()).toHaveLength(2);
    expect(within(screen.getByRole('table')).queryByText('converged')).toBeNull();
    expect(screen.getByText('converged').closest('div')?.textContent).toBe('convergedTrue');
    expect(screen.getByText('gradient').closest('div')?.textContent).toBe('gradientNaN');
  });

  it('says what to do where there is nothing', () => {
    const text = show(aDetail({ row: { metrics: {}, params: {} } }));
    expect(text).toContain('No score was found');
    expect(text).toContain('No parameters');
    expect(text).toContain('Nothing was measured');
  });

  it('shows why a run failed, and that the rest is kept', () => {
    const traceback = '\u001b[31mMemoryError\u001b[0m: too deep';
    const text = show(
      aDetail({
        row: { state: 'FAILED', error: 'MemoryError: too deep' },
        record: { failure: { kind: 'MemoryError', message: 'too deep', traceback } }
      })
    );
    expect(text).toContain('MemoryError: too deep');
    expect(text).toContain('is kept and shown here');
    expect(screen.getByRole('group', { name: 'Why the run ended' }).querySelector('pre')?.textContent).toBe(
      'MemoryError: too deep'
    );
  });

  it('names what was not captured, with the reason', () => {
    const text = show(aDetail({ record: { gaps: [{ part: 'gpu', reason: 'no driver' }] } }));
    expect(text).toContain('Not captured');
    expect(text).toContain('gpu: no driver');
  });

  it('shows note, tags and what was used', () => {
    const text = show(
      aDetail({
        row: { note: 'kept for the paper', tags: { team: 'bio' }, duration: 2 },
        record: { resources: { cpu_seconds: 1.9, peak_rss: 412_000_000 } }
      })
    );
    expect(text).toContain('kept for the paper');
    expect(text).toContain('teambio');
    expect(text).toContain('CPU time 1.9 s · CPU 95 % of one core · peak memory 412 MB');
  });

  it('shows hostile names and values as text', () => {
    show(
      aDetail({
        row: {
          metrics: { [HOSTILE]: 1 },
          params: { [HOSTILE]: HOSTILE },
          tags: { [HOSTILE]: HOSTILE },
          note: HOSTILE,
          error: HOSTILE
        },
        record: { gaps: [{ part: HOSTILE, reason: HOSTILE }], data: [aDataUse({ name: HOSTILE })] }
      })
    );
    expect(document.querySelector('img:not([role])')).toBeNull();
    expect(document.body.textContent).not.toMatch(/[\u202e\0]/);
  });
});

describe('Curves', () => {
  const series = {
    loss: { steps: [0, 1, 2], values: [1, 0.5, -0.1], times: [10, 11, 13] },
    acc: { steps: [0, 1, 2], values: [0, 0.5, 1], times: [10, 11, 13] },
    auc: { steps: [0], values: [0.99], times: [13] }
  };
  const show = (sources = [{ id: 'r', label: '', series }], truncated = false): void => {
    render(<Curves sources={sources} truncated={truncated} trans={trans} />);
  };
  const charts = (): (string | null)[] =>
    screen.getAllByRole('heading', { level: 3 }).map(one => one.textContent);

  it('draws each metric with more than one value', () => {
    show();
    expect(charts()).toEqual(['acc', 'loss']);
  });

  it('says what makes a curve where there is none', () => {
    show([{ id: 'r', label: '', series: { auc: series.auc } as unknown as typeof series }]);
    expect(document.body.textContent).toContain('Log a metric with a step');
  });

  it('leaves out what is switched off, and puts all in one chart', () => {
    show();
    fireEvent.click(screen.getByLabelText('One chart'));
    expect(charts()).toEqual(['acc, loss']);
    fireEvent.click(screen.getByLabelText('acc'));
    expect(charts()).toEqual(['loss']);
    fireEvent.click(screen.getByLabelText('acc'));
    expect(charts()).toEqual(['acc, loss']);
  });

  it('says what a log scale does not show', () => {
    show();
    expect(document.body.textContent).not.toContain('log scale.');
    fireEvent.click(screen.getByLabelText('Log scale'));
    expect(document.body.textContent).toContain('1 value at or below zero cannot be shown on a log scale.');
  });

  it('is not smoothed before that is asked for; then the values stay behind', () => {
    show();
    expect(screen.getByRole('status').textContent).toBe('off');
    expect(document.querySelector('.bioml-ChartLineBehind')).toBeNull();
    fireEvent.change(screen.getByLabelText('Smoothing'), { target: { value: '0.5' } });
    expect(screen.getByRole('status').textContent).toBe('0.50');
    expect(document.querySelectorAll('.bioml-ChartLineBehind')).toHaveLength(2);
  });

  it('runs over steps or over the time since the first value', () => {
    show();
    const chart = screen.getByRole('slider', { name: /^loss/ });
    fireEvent.keyDown(chart, { key: 'End' });
    expect(chart.getAttribute('aria-valuetext')).toContain('step 2');
    fireEvent.change(screen.getByLabelText('Over'), { target: { value: 'time' } });
    fireEvent.keyDown(chart, { key: 'End' });
    expect(chart.getAttribute('aria-valuetext')).toContain('time 3.0 s');
  });

  it('zooms every chart together, and back', () => {
    show();
    const [first, second] = screen.getAllByRole('slider', { name: /Arrow keys/ });
    const drawn = second.querySelector('.bioml-ChartLine')?.getAttribute('d');
    const reset = screen.getByRole('button', { name: 'Reset zoom' }) as HTMLButtonElement;
    expect(reset.disabled).toBe(true);
    fireEvent.keyDown(first, { key: '+' });
    expect(second.querySelector('.bioml-ChartLine')?.getAttribute('d')).not.toBe(drawn);
    fireEvent.click(reset);
    expect(second.querySelector('.bioml-ChartLine')?.getAttribute('d')).toBe(drawn);
  });

  it('overlays several runs, named in the legend', () => {
    show(
      [
        { id: 'r1', label: 'gbm-depth3', series },
        { id: 'r2', label: 'gbm-depth5', series }
      ],
      true
    );
    const [legend] = screen.getAllByRole('list');
    expect(
      within(legend)
        .getAllByRole('listitem')
        .map(item => item.textContent)
    ).toEqual(['gbm-depth3', 'gbm-depth5']);
    expect(document.body.textContent).toContain('Long series are thinned');
    fireEvent.click(screen.getByLabelText('One chart'));
    expect(document.body.textContent).toContain('gbm-depth5 · loss');
  });
});

describe('Code', () => {
  it('shows the cells in order, this one marked', () => {
    render(<Code detail={aDetail({ previous: null })} comparison={null} onOpenRun={nothing} trans={trans} />);
    const items = screen.getAllByRole('listitem');
    expect(items.map(item => item.getAttribute('aria-current'))).toEqual([null, 'true']);
    expect(items[1].textContent).toContain('this run');
    expect(document.body.textContent).toContain('This is the first run with this name.');
  });

  it('shows what changed since the previous run, which can be opened', () => {
    const opened: string[] = [];
    const comparison = aComparison({ code: [{ left: 0, right: 1, lines: aDiff('-a = 1\n+a = 2') }] });
    render(
      <Code detail={aDetail()} comparison={comparison} onOpenRun={id => opened.push(id)} trans={trans} />
    );
    expect(rows()).toEqual([
      ['1', '', '−', 'a = 1'],
      ['', '1', '+', 'a = 2']
    ]);
    fireEvent.click(screen.getByRole('button', { name: /previous run: gbm-depth2/ }));
    expect(opened).toEqual(['b'.repeat(32)]);
  });

  it('names the state of an earlier cell that failed', () => {
    const before = aDetail().code_before.map(cell => ({
      ...cell,
      state: 'FAILED' as const,
      tags: ['prepare']
    }));
    render(
      <Code detail={aDetail({ code_before: before })} comparison={null} onOpenRun={nothing} trans={trans} />
    );
    expect(screen.getAllByRole('listitem')[0].textContent).toContain('✗ failed');
    expect(screen.getAllByRole('listitem')[0].textContent).toContain('prepare');
  });
});

describe('Data', () => {
  it('shows what each file is and where its version is tracked', () => {
    const data = [
      aDataUse({ pointer: 'cohort.csv.dvc', inherited: true, named: true }),
      aDataUse({ name: 'out.npy', role: 'written', rows: null, columns: null, digest: null, size: null })
    ];
    render(<Data detail={aDetail({ record: { data } })} trans={trans} />);
    expect(rows()[1]).toEqual([
      'cohort.csv',
      'read',
      '120 × 2',
      '2.4 kB',
      'a41ca41c…',
      'cohort.csv.dvc',
      'named · read by an earlier cell'
    ]);
    expect(rows()[2]).toEqual(['out.npy', 'written', '–', '–', 'not known', '–', '']);
  });

  it('warns of a file that changed while it was read, and shows both contents of a value', () => {
    const data = [aDataUse({ changed_since: true, digest_after: 'b'.repeat(32), role: 'read-written' })];
    render(<Data detail={aDetail({ record: { data } })} trans={trans} />);
    expect(rows()[1][1]).toBe('read and written');
    expect(rows()[1][4]).toBe('a41ca41c… → bbbbbbbb…');
    expect(rows()[1][6]).toBe('⚠ changed while it was read');
    expect(screen.getAllByRole('button', { name: 'Copy the whole digest' })).toHaveLength(2);
  });

  it('says how data come here where there are none', () => {
    const { container } = render(<Data detail={aDetail()} trans={trans} />);
    expect(container.textContent).toContain('--data');
  });
});

describe('Environment', () => {
  it('shows the differences first, then finds packages', () => {
    const changes = [{ name: 'numpy', before: '2.4.5', after: '2.4.6' }];
    render(<Environment detail={aDetail({ environment_changes: changes })} trans={trans} />);
    expect(rows()[1]).toEqual(['≠ numpy', '2.4.5', '2.4.6']);
    fireEvent.change(screen.getByRole('searchbox'), { target: { value: ' SCIKIT ' } });
    expect(screen.getAllByRole('term').map(term => term.textContent)).toEqual(['scikit-learn']);
    fireEvent.change(screen.getByRole('searchbox'), { target: { value: 'torch' } });
    expect(document.body.textContent).toContain('No package name matches.');
  });

  it('copies the command that installs the packages, without what a shell would run', async () => {
    const written: string[] = [];
    Object.defineProperty(navigator, 'clipboard', {
      configurable: true,
      value: { writeText: async (text: string) => void written.push(text) }
    });
    const environment = {
      digest: 'e'.repeat(64),
      python: '3.11.7',
      platform: 'Linux',
      packages: { numpy: '2.4.6', 'x; rm -rf ~': '1' }
    };
    render(<Environment detail={aDetail({ environment })} trans={trans} />);
    await act(async () => {
      fireEvent.click(screen.getByRole('button', { name: 'Copy pip install command for all' }));
    });
    expect(written).toEqual(['pip install numpy==2.4.6']);
    expect(document.body.textContent).toContain('1 left out');
  });

  it.each([
    [aDetail({ previous: null }), 'This is the first run with this name.'],
    [aDetail(), 'No differences.'],
    [aDetail({ environment: null }), 'The environment was not captured']
  ])('says what it knows (%#)', (detail, text) => {
    expect(render(<Environment detail={detail} trans={trans} />).container.textContent).toContain(text);
  });
});

describe('ResourcesView', () => {
  const titles = (): (string | null)[] =>
    screen.queryAllByRole('heading', { level: 3 }).map(one => one.textContent);

  it('draws what was read, and names what was not', () => {
    render(<ResourcesView resources={aResources({ absent: ['GPU: no driver'] })} trans={trans} />);
    expect(titles()).toEqual(['CPU (100 %: one core busy)', 'Memory', 'Disk traffic between readings']);
    expect(document.body.textContent).toContain('GPU: no driver');
    expect(document.body.textContent).toContain('CPU time 1.9 s');
  });

  it('draws each GPU, and says when the kernel did not compute on it', () => {
    const gpu = { utilization_percent: 88, memory: 2.1e9, energy_millijoules: null };
    const resources = aResources();
    const points = resources.points.map(point => ({
      ...point,
      gpus: [
        { index: 1, own: false, ...gpu },
        { index: 0, own: true, ...gpu }
      ]
    }));
    render(<ResourcesView resources={{ ...resources, points }} trans={trans} />);
    expect(titles().slice(3)).toEqual([
      'GPU0',
      'GPU0 memory',
      'GPU1 (not used by this kernel)',
      'GPU1 memory (not used by this kernel)'
    ]);
  });

  it('reads every chart at the same time', () => {
    render(<ResourcesView resources={aResources()} trans={trans} />);
    const [cpu, memory, disk] = screen.getAllByRole('slider');
    fireEvent.keyDown(cpu, { key: 'End' });
    expect(memory.getAttribute('aria-valuetext')).toBe('since the start 2.0 s  ·  resident 611 MB');
    expect(disk.getAttribute('aria-valuetext')).toContain('read 1 MB/s');
  });

  it('says why there is nothing to draw', () => {
    const none = aResources({ points: [], ended: null, cpu_seconds: null, peak_rss: null });
    render(<ResourcesView resources={none} trans={trans} />);
    expect(titles()).toEqual([]);
    expect(document.body.textContent).toContain('the run ended before the first one');
  });
});

describe('Outputs', () => {
  it('shows captured HTML only in a frame that may do nothing', () => {
    render(
      <Outputs outputs={[anOutput({ mime: 'text/html', text: HOSTILE, kind: 'display' })]} trans={trans} />
    );
    const frame = screen.getByTitle('Captured HTML');
    expect(frame.getAttribute('sandbox')).toBe('');
    expect(frame.getAttribute('srcdoc')).toContain("default-src 'none'");
    expect(document.querySelector('img')).toBeNull();
  });

  it('shows text without terminal colours, figures as pictures, the rest as a download', () => {
    render(
      <Outputs
        outputs={[
          anOutput({ text: '\u001b[31mred\u001b[0m <b>' }),
          anOutput({ kind: 'result', mime: 'image/png', text: null, data: 'AAAA' }),
          anOutput({ kind: 'display', mime: 'application/pdf', text: null, data: 'AAAA', size: 3 }),
          anOutput({ kind: 'stderr', mime: 'image/png', text: null, cut: true, size: 2_000_000 })
        ]}
        trans={trans}
      />
    );
    const items = screen.getAllByRole('listitem');
    expect(items[0].textContent).toBe('printedred <b>');
    expect(within(items[1]).getByRole('img').getAttribute('src')).toBe('data:image/png;base64,AAAA');
    expect(within(items[2]).getByRole('link').getAttribute('download')).toBe('output.pdf');
    expect(items[3].textContent).toContain('truncated from 2 MB');
    expect(items[3].textContent).toContain('The content was not kept.');
  });

  it('says when there were none', () => {
    const { container } = render(<Outputs outputs={[]} trans={trans} />);
    expect(container.textContent).toBe('The cell printed and displayed nothing.');
  });
});

describe('Files', () => {
  it('can be opened and downloaded', () => {
    const opened: string[] = [];
    render(
      <Files
        files={[
          { path: 'figures/roc.png', size: 2400 },
          { path: HOSTILE, size: null }
        ]}
        onOpenFile={file => opened.push(file)}
        urlOf={path => `http://test/${path.length}`}
        trans={trans}
      />
    );
    const [link] = screen.getAllByRole('link');
    expect([link.getAttribute('aria-label'), link.getAttribute('href')]).toEqual([
      'Download figures/roc.png',
      'http://test/15'
    ]);
    fireEvent.click(screen.getByRole('button', { name: 'figures/roc.png' }));
    expect(opened).toEqual(['figures/roc.png']);
    expect(link.hasAttribute('download')).toBe(true);
    expect(rows()[1][1]).toBe('2.4 kB');
    expect(rows()[2][1]).toBe('–');
    expect(document.querySelector('img')).toBeNull();
  });

  it('says when there are none', () => {
    const { container } = render(
      <Files files={[]} onOpenFile={() => undefined} urlOf={path => path} trans={trans} />
    );
    expect(container.textContent).toBe('No files were kept with this run.');
  });
});

describe('Lineage', () => {
  it('goes from data through cells to model versions, with ways to each', () => {
    const gone: string[] = [];
    render(
      <Lineage
        detail={aDetail({
          row: { reproduces: 'c'.repeat(32) },
          record: { data: [aDataUse(), aDataUse({ name: 'out.npy', role: 'written' })] },
          versions: [aVersion()],
          links: { mlflow: 'https://mlflow.example/#/runs/1', mlflow_command: null }
        })}
        onOpenRun={id => gone.push(id)}
        onOpenCell={() => gone.push('cell')}
        onTab={tab => gone.push(tab)}
        trans={trans}
      />
    );
    const steps = screen.getAllByRole('listitem').map(item => item.textContent);
    expect(steps[0]).toContain('cohort.csv');
    expect(steps[1]).toContain('1 earlier cell');
    expect(steps[3]).toContain('out.npy');
    expect(steps[4]).toContain('diagnosis-gbm v4 champion');
    for (const name of ['cohort.csv', /earlier cell/, 'gbm-depth3', /reproduction of/]) {
      fireEvent.click(screen.getByRole('button', { name }));
    }
    expect(gone).toEqual(['data', 'code', 'cell', 'c'.repeat(32)]);
    expect(screen.getByRole('link').getAttribute('rel')).toContain('noopener');
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd'])(
    'follows no link to %s',
    mlflow => {
      render(
        <Lineage
          detail={aDetail({ links: { mlflow, mlflow_command: null }, row: aRow() })}
          onOpenRun={nothing}
          onOpenCell={nothing}
          onTab={nothing}
          trans={trans}
        />
      );
      expect(screen.queryByRole('link')).toBeNull();
    }
  );
});
