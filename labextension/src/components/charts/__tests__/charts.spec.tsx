import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import type { ILine, Range } from '../../../model/lines';
import { points } from '../../../model/lines';
import { aComparison, trans } from '../../../testing/pages';
import { axisColumns } from '../../../model/columns';
import { Legend, lineStyle } from '../frame';
import { LineChart } from '../LineChart';
import { Parallel } from '../Parallel';
import { Scatter } from '../Scatter';
import { ValueTable } from '../ValueTable';

const LINES: ILine[] = [
  { id: 'a', label: 'loss', style: 0, points: points([0, 1, 2, 3], [1, 0.5, null, 0.25]) },
  { id: 'b', label: 'val', style: 1, points: points([0, 1, 2, 3], [2, 1, 0, -1]) }
];

interface IState {
  zoom: Range | null;
  cursor: number | null;
}

/** A chart with its state; the test reads it. */
function Chart(props: {
  lines?: ILine[];
  log?: boolean;
  onState: (state: IState) => void;
}): React.ReactElement {
  const [zoom, setZoom] = React.useState<Range | null>(null);
  const [cursor, setCursor] = React.useState<number | null>(null);
  props.onState({ zoom, cursor });
  return (
    <LineChart
      title="loss"
      lines={props.lines ?? LINES}
      xLabel="step"
      log={props.log}
      zoom={zoom}
      onZoom={setZoom}
      cursor={cursor}
      onCursor={setCursor}
      trans={trans}
    />
  );
}

describe('LineChart', () => {
  let state: IState;
  const show = (props: { lines?: ILine[]; log?: boolean } = {}): HTMLElement => {
    render(<Chart {...props} onState={now => (state = now)} />);
    return screen.getByRole('slider');
  };
  const paths = (): string[] =>
    Array.from(document.querySelectorAll('.bioml-ChartLine'), path => path.getAttribute('d') ?? '');

  it('draws each line, with a gap where there is no value', () => {
    show();
    expect(paths()).toHaveLength(2);
    expect(paths()[0].match(/M/g)).toHaveLength(2);
    expect(paths()[1].match(/M/g)).toHaveLength(1);
  });

  it('leaves out what a log scale cannot show', () => {
    show({ log: true });
    expect(paths()[1].match(/[ML]/g)).toHaveLength(2);
  });

  it('reads values by arrow keys, from the first to the last point', () => {
    const chart = show();
    const read = (key: string): string | null => {
      fireEvent.keyDown(chart, { key });
      return chart.getAttribute('aria-valuetext');
    };
    expect(read('ArrowRight')).toBe('step 0  ·  loss 1  ·  val 2');
    expect(read('ArrowRight')).toBe('step 1  ·  loss 0.5  ·  val 1');
    expect(read('End')).toBe('step 3  ·  loss 0.25  ·  val −1');
    expect(read('ArrowRight')).toContain('step 3');
    expect(read('ArrowLeft')).toBe('step 2  ·  loss –  ·  val 0');
    expect(read('Home')).toContain('step 0');
  });

  it('zooms by keys around the point that is read, and shows everything by Escape', () => {
    const chart = show();
    fireEvent.keyDown(chart, { key: 'ArrowRight' });
    fireEvent.keyDown(chart, { key: '+' });
    expect(state.zoom).toEqual([0, 1.5]);
    fireEvent.keyDown(chart, { key: '+' });
    expect(state.zoom).toEqual([0, 0.75]);
    fireEvent.keyDown(chart, { key: '-' });
    expect(state.zoom).toEqual([0, 1.5]);
    fireEvent.keyDown(chart, { key: '-' });
    expect(state.zoom).toBeNull();
  });

  it('shows the point that is read, wherever the zoom was', () => {
    const chart = show();
    fireEvent.keyDown(chart, { key: 'Home' });
    fireEvent.keyDown(chart, { key: '+' });
    fireEvent.keyDown(chart, { key: 'ArrowRight' });
    expect(state.zoom).toEqual([0, 1.5]);
    fireEvent.keyDown(chart, { key: 'End' });
    expect(state.zoom).toEqual([2.25, 3.75]);
  });

  it('Escape first takes the zoom away, then the reading', () => {
    const chart = show();
    fireEvent.keyDown(chart, { key: 'Home' });
    fireEvent.keyDown(chart, { key: '+' });
    fireEvent.keyDown(chart, { key: 'Escape' });
    expect([state.zoom, state.cursor]).toEqual([null, 0]);
    fireEvent.keyDown(chart, { key: 'Escape' });
    expect(state.cursor).toBeNull();
  });

  it('leaves keys with modifiers to the application', () => {
    expect(fireEvent.keyDown(show(), { key: '+', ctrlKey: true })).toBe(true);
    expect(state.zoom).toBeNull();
  });

  it('zooms into a range that is drawn, and out by a double click', () => {
    const chart = show();
    pointer(chart, 'pointerdown', 64);
    pointer(chart, 'pointermove', 344);
    expect(document.querySelector('.bioml-Brush')).not.toBeNull();
    pointer(chart, 'pointerup', 344);
    expect(state.zoom).toEqual([0, expect.closeTo(1.5, 5)]);
    expect(document.querySelector('.bioml-Brush')).toBeNull();
    fireEvent.doubleClick(chart);
    expect(state.zoom).toBeNull();
  });

  it('a click does not select a range, nor does one beside the plot', () => {
    const chart = show();
    pointer(chart, 'pointerdown', 100);
    pointer(chart, 'pointerup', 102);
    pointer(chart, 'pointerdown', 10);
    pointer(chart, 'pointerup', 400);
    expect(state.zoom).toBeNull();
  });

  it('reads the point nearest to the pointer, and nothing once it left', () => {
    const chart = show();
    pointer(chart, 'pointermove', 240);
    expect(state.cursor).toBe(1);
    expect(document.querySelector('.bioml-Readout')?.textContent).toContain('loss 0.5');
    fireEvent.pointerLeave(chart);
    expect(state.cursor).toBeNull();
  });

  it('survives lines without points', () => {
    const chart = show({ lines: [{ id: 'a', label: 'a', style: 0, points: [] }] });
    fireEvent.keyDown(chart, { key: 'ArrowRight' });
    expect(state.cursor).toBeNull();
  });

  it('shows a single point as a dot', () => {
    show({ lines: [{ id: 'a', label: 'a', style: 0, points: points([3], [7]) }] });
    expect(document.querySelectorAll('circle')).toHaveLength(1);
  });
});

/** jsdom's pointer events have no place. */
function pointer(element: HTMLElement, type: string, clientX: number): void {
  const event = new MouseEvent(type, { bubbles: true, clientX, button: 0 });
  fireEvent(element, event);
}

it('24 lines are told apart by colour and dashes, most by dashes where colours repeat', () => {
  const styles = Array.from({ length: 24 }, (_, index) => JSON.stringify(lineStyle(index)));
  expect(new Set(styles).size).toBe(24);
});

it('a legend names every line', () => {
  render(<Legend entries={LINES} />);
  expect(screen.getAllByRole('listitem').map(item => item.textContent)).toEqual(['loss', 'val']);
});

describe('ValueTable', () => {
  const open = (): void => {
    const details = document.querySelector('details') as HTMLDetailsElement;
    details.open = true;
    fireEvent(details, new Event('toggle'));
  };

  it('is made when it is opened', () => {
    render(<ValueTable lines={LINES} xLabel="step" trans={trans} />);
    expect(screen.queryByRole('table')).toBeNull();
    open();
    const rows = screen.getAllByRole('row').map(row => Array.from(row.children, cell => cell.textContent));
    expect(rows[0]).toEqual(['step', 'loss', 'val']);
    expect(rows[3]).toEqual(['2', '–', '0']);
  });

  it('shows the first hundred rows until the rest is asked for', () => {
    const xs = Array.from({ length: 250 }, (_, index) => index);
    render(
      <ValueTable
        lines={[{ id: 'a', label: 'a', style: 0, points: points(xs, xs) }]}
        xLabel="x"
        trans={trans}
      />
    );
    open();
    expect(screen.getAllByRole('row')).toHaveLength(101);
    fireEvent.click(screen.getByRole('button', { name: 'Show all 250 rows' }));
    expect(screen.getAllByRole('row')).toHaveLength(251);
  });
});

describe('plots of runs', () => {
  const columns = axisColumns(aComparison());
  const labels = ['gbm-depth3', 'gbm-depth5'];
  const [depth, auc, kind] = columns;

  it('each run is a point that is read and opened by keys', () => {
    const opened: number[] = [];
    render(
      <Scatter
        labels={labels}
        columns={columns}
        initialX={depth.id}
        initialY={auc.id}
        onOpen={index => opened.push(index)}
        trans={trans}
      />
    );
    const point = screen.getByRole('button', { name: 'gbm-depth5: depth 5, auc 0.9921' });
    fireEvent.focus(point);
    expect(document.querySelector('.bioml-Readout')?.textContent).toContain('gbm-depth5');
    fireEvent.keyDown(point, { key: 'Enter' });
    fireEvent.keyDown(point, { key: 'x' });
    fireEvent.click(point);
    expect(opened).toEqual([1, 1]);
  });

  it('another column moves the points; a run without the value has none', () => {
    const lacking = columns.map(column => (column === kind ? { ...kind, values: ['gbm', null] } : column));
    render(
      <Scatter
        labels={labels}
        columns={lacking}
        initialX={depth.id}
        initialY={auc.id}
        onOpen={() => undefined}
        trans={trans}
      />
    );
    fireEvent.change(screen.getByLabelText('Across'), { target: { value: kind.id } });
    const spots = [...document.querySelectorAll('.bioml-Spot')];
    expect(spots.map(one => one.getAttribute('aria-label'))).toEqual(['gbm-depth3: kind gbm, auc 0.9931']);
    expect(document.body.textContent).toContain('1 run lacks one of the two values');
  });

  it('each run is a line through the axes; what it lacks lies below them', () => {
    const opened: number[] = [];
    const lacking = { ...kind, values: ['gbm', null] };
    render(
      <Parallel
        labels={labels}
        columns={[depth, lacking, auc]}
        onOpen={index => opened.push(index)}
        trans={trans}
      />
    );
    const line = screen.getByRole('button', { name: 'gbm-depth5: depth 5, kind –, auc 0.9921' });
    const places = line.querySelector('polyline')?.getAttribute('points')?.split(' ') ?? [];
    expect(places).toHaveLength(3);
    expect(Number(places[1].split(',')[1])).toBeGreaterThan(Number(places[0].split(',')[1]));
    fireEvent.focus(line);
    expect(document.querySelector('.bioml-Readout')?.textContent).toContain('depth 5');
    expect(document.querySelectorAll('.bioml-mod-behind')).toHaveLength(1);
    fireEvent.keyDown(line, { key: ' ' });
    expect(opened).toEqual([1]);
  });
});
