import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { TextDecoder, TextEncoder } from 'util';
import { aDataUse, aDetail, anOutput, aResources, HOSTILE, trans } from '../../../testing/pages';
import type { ICurveSource } from '../Curves';
import { curveKeys, Curves } from '../Curves';
import { Data, roleWord } from '../Data';
import { Environment } from '../Environment';
import { Lineage } from '../Lineage';
import { Outputs } from '../Outputs';
import { Overview } from '../Overview';
import { chartsOf, ResourcesView } from '../ResourcesView';

/** The test's browser has none of its own. */
Object.assign(globalThis, { TextDecoder, TextEncoder });

const nothing = (): void => undefined;
/** Names that every JavaScript object seems to have. */
const INHERITED = ['constructor', 'toString', 'hasOwnProperty'];

const one = (values: number[]): ICurveSource['series'][string] => ({
  steps: values.map((_, index) => index),
  values,
  times: values.map((_, index) => index)
});

/** Nothing of a hostile name became an element or moves its surroundings. */
function expectText(): void {
  expect(document.querySelector('img:not([role])')).toBeNull();
  expect(document.body.textContent).not.toMatch(/[\u202e\0]/);
}

describe('metrics with odd names', () => {
  it('are curves with short names everywhere', () => {
    render(
      <Curves
        sources={[{ id: 'r', label: '', series: { [HOSTILE]: one([1, 2]) } }]}
        truncated={false}
        trans={trans}
      />
    );
    const chart = screen.getByRole('slider', { name: /Arrow keys/ });
    fireEvent.keyDown(chart, { key: 'End' });
    expectText();
    expect(chart.getAttribute('aria-valuetext')?.length).toBeLessThan(200);
    expect(screen.getByRole('heading', { level: 3 }).textContent?.length).toBeLessThan(500);
  });

  it.each(INHERITED)('%s is drawn for the runs that have it, and for no other', key => {
    const sources = [
      { id: 'r1', label: 'with', series: { [key]: one([1, 2]) } },
      { id: 'r2', label: 'without', series: { loss: one([1, 2]) } }
    ];
    render(<Curves sources={sources} truncated={false} trans={trans} />);
    expect(curveKeys(sources)).toEqual([key, 'loss'].sort());
    expect(document.querySelectorAll('.bioml-ChartLine')).toHaveLength(2);
  });

  it.each(INHERITED)('%s has no previous value where the previous run lacks it', key => {
    render(
      <Overview
        detail={aDetail({ row: { metrics: { [key]: 1 } } })}
        best={{}}
        onOpenRun={nothing}
        onOpenLater={nothing}
        onTab={nothing}
        trans={trans}
      />
    );
    const cells = Array.from(screen.getAllByRole('row')[1].children, cell => cell.textContent);
    expect(cells).toEqual([key, '1', '–', '–', '–']);
  });
});

describe('data', () => {
  it.each([
    ['read', 'read'],
    ['written', 'written'],
    ['read-written', 'read and written'],
    ['borrowed', 'borrowed'],
    ['constructor', 'constructor']
  ])('in the role %s are %s', (role, word) => {
    expect(roleWord(role, trans)).toBe(word);
  });

  it('with hostile names are text in the table and in the lineage', () => {
    const use = aDataUse({ name: HOSTILE, pointer: HOSTILE, digest: HOSTILE.slice(0, 60), role: HOSTILE });
    const detail = aDetail({ record: { data: [use] }, row: { name: HOSTILE } });
    render(<Data detail={detail} trans={trans} />);
    render(
      <Lineage detail={detail} onOpenRun={nothing} onOpenCell={nothing} onTab={nothing} trans={trans} />
    );
    expectText();
  });

  it('that were read and written stand on both sides of the run', () => {
    const detail = aDetail({ record: { data: [aDataUse({ role: 'read-written' })] }, code_before: [] });
    const onTab = jest.fn();
    render(<Lineage detail={detail} onOpenRun={nothing} onOpenCell={nothing} onTab={onTab} trans={trans} />);
    const [read, cells, , written, versions] = screen.getAllByRole('listitem');
    expect([read.textContent, written.textContent].every(text => text?.includes('cohort.csv'))).toBe(true);
    expect(cells.textContent).toContain('0 earlier cells');
    expect(versions.textContent).toContain('none');
    for (const button of screen.getAllByRole('button', { name: 'cohort.csv' })) {
      fireEvent.click(button);
    }
    expect(onTab.mock.calls).toEqual([['data'], ['data']]);
  });
});

describe('the environment', () => {
  const environment = (packages: Record<string, string>): void => {
    const known = { digest: 'e'.repeat(64), python: null, platform: null, packages };
    const changes = [{ name: 'constructor', before: '1.0', after: null }];
    const detail = aDetail({ environment: known, environment_changes: changes });
    render(<Environment detail={detail} trans={trans} />);
  };

  it('says – for what is not known, and installs no package that is gone', () => {
    environment({});
    expect(document.body.textContent).toContain('Python – · –');
    expect(screen.getAllByRole('row')[1].textContent).toBe('≠ constructor1.0–');
    expect(screen.queryByRole('button', { name: /pip install/ })).toBeNull();
  });

  it('sorts packages by name, whatever their case, and shows hostile ones as text', () => {
    environment({ zlib: '1', Babel: '2', attrs: '3', [HOSTILE]: HOSTILE });
    const names = screen.getAllByRole('term').map(term => term.textContent);
    expect(names.slice(-3)).toEqual(['attrs', 'Babel', 'zlib']);
    expectText();
  });
});

describe('resources', () => {
  it('that were never read have no chart: no line of zeros', () => {
    const silent = aResources().points.map(point => ({
      ...point,
      cpu_percent: null,
      read_bytes: null,
      write_bytes: null
    }));
    const charts = chartsOf(aResources({ points: silent }), trans);
    expect(charts.map(chart => chart.id)).toEqual(['memory']);
  });

  it('are as traffic the difference between two readings; a counter that restarted is a gap', () => {
    const { points } = aResources();
    const [a, b, c] = points;
    const counted = [
      { ...a, read_bytes: 5e6 },
      { ...b, read_bytes: 7e6 },
      { ...c, read_bytes: 1e6 }
    ];
    const io = chartsOf(aResources({ points: counted }), trans).find(chart => chart.id === 'io');
    expect(io?.lines[0].points.map(point => point.y)).toEqual([2e6, null]);
    expect(io?.format(2e6)).toBe('2 MB/s');
  });

  it('that are absent are – with nothing to copy, and the reason is text', () => {
    const resources = aResources({ cpu_seconds: null, peak_rss: null, absent: [HOSTILE] });
    render(<ResourcesView resources={resources} trans={trans} />);
    expect(document.body.textContent).toContain('CPU time –');
    expect(document.body.textContent).toContain('Peak memory –');
    expectText();
  });

  it('are zoomed together, and shown whole again by the button', () => {
    render(<ResourcesView resources={aResources()} trans={trans} />);
    const reset = screen.getByRole<HTMLButtonElement>('button', { name: 'Reset zoom' });
    expect(reset.disabled).toBe(true);
    fireEvent.keyDown(screen.getAllByRole('slider')[0], { key: '+' });
    expect(reset.disabled).toBe(false);
    fireEvent.click(reset);
    expect(reset.disabled).toBe(true);
  });
});

describe('outputs', () => {
  it.each([
    ['stdout', 'printed'],
    ['stderr', 'printed to stderr'],
    ['display', 'displayed'],
    ['result', 'result']
  ] as const)('of the kind %s are called %s', (kind, word) => {
    render(<Outputs outputs={[anOutput({ kind, text: 'x' })]} trans={trans} />);
    expect(screen.getByRole('listitem').textContent).toBe(`${word}x`);
  });

  it('are in the order in which the cell made them, and can be scrolled by keys', () => {
    const texts = ['one', 'two', 'three'];
    render(<Outputs outputs={texts.map(text => anOutput({ text }))} trans={trans} />);
    const shown = [...document.querySelectorAll('pre')];
    expect(shown.map(pre => [pre.textContent, pre.tabIndex])).toEqual(texts.map(text => [text, 0]));
  });

  it('that are SVG or HTML run nothing in this page', () => {
    const mimes = ['image/svg+xml', 'text/html', 'application/javascript', 'text/markdown'];
    const text = '<svg onload="window.hacked=true"><script>window.hacked=true</script></svg>';
    render(
      <Outputs
        outputs={mimes.map(mime => anOutput({ kind: 'display', mime, text, data: null }))}
        trans={trans}
      />
    );
    expect(document.querySelector('ol script, ol svg, ol object, ol embed')).toBeNull();
    expect('hacked' in window).toBe(false);
  });
});
