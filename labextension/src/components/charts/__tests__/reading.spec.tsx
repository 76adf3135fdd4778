import { act, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { formatBytes, formatDuration } from '../../../model/format';
import type { ILine, Range } from '../../../model/lines';
import { points } from '../../../model/lines';
import { trans } from '../../../testing/pages';
import type { ILineChartProps } from '../LineChart';
import { LineChart } from '../LineChart';

const long: ILine = { id: 'l', label: 'loss', style: 0, points: points([0, 10, 20, 30], [4, 3, 2, 1]) };
const short: ILine = { id: 's', label: 'val', style: 1, points: points([0, 15], [8, 9]) };

type Changes = Partial<ILineChartProps>;

/** Charts that are read and zoomed together, one for each line. */
function Charts(props: { lines: ILine[]; changes: Changes }): React.ReactElement {
  const [zoom, onZoom] = React.useState<Range | null>(null);
  const [cursor, onCursor] = React.useState<number | null>(null);
  const shared = { zoom, onZoom, cursor, onCursor, xLabel: 'step', trans, ...props.changes };
  return (
    <>
      {props.lines.map(line => (
        <LineChart key={line.id} title={line.label} lines={[line]} {...shared} />
      ))}
    </>
  );
}

function show(lines: ILine[] = [long], changes: Changes = {}): HTMLElement[] {
  render(<Charts lines={lines} changes={changes} />);
  return screen.getAllByRole('slider');
}

const press = (chart: HTMLElement, key: string): string | null => {
  fireEvent.keyDown(chart, { key });
  return chart.getAttribute('aria-valuetext');
};
const ticks = (): (string | null)[] =>
  Array.from(document.querySelectorAll('.bioml-Axes text'), text => text.textContent);

describe('charts that are read together', () => {
  it('show the same place; each says its own nearest value', () => {
    const [first, second] = show([long, short]);
    press(first, 'Home');
    expect(press(first, 'ArrowRight')).toBe('step 10  ·  loss 3');
    expect(second.getAttribute('aria-valuetext')).toBe('step 10  ·  val 9');
  });

  it('go back to the last point from a place behind it', () => {
    const [first, second] = show([long, short]);
    press(first, 'End');
    expect(press(second, 'ArrowLeft')).toBe('step 15  ·  val 9');
  });

  it('stay at the last point when there is nothing more to the right', () => {
    const [first, second] = show([long, short]);
    press(first, 'End');
    expect(press(second, 'ArrowRight')).toBe('step 15  ·  val 9');
  });

  it('leave out no point after a place between two', () => {
    const [first, second] = show([long, short]);
    press(second, 'End');
    expect(press(first, 'ArrowRight')).toBe('step 20  ·  loss 2');
    press(second, 'End');
    expect(press(first, 'ArrowLeft')).toBe('step 10  ·  loss 3');
  });
});

describe('what a chart says', () => {
  it('is its title until a value is read, and how it is used', () => {
    const [chart] = show();
    expect(chart.getAttribute('aria-valuetext')).toBe('loss');
    expect(chart.getAttribute('aria-label')).toMatch(/^loss\. Arrow keys read values, plus and minus zoom/);
    expect(chart.tabIndex).toBe(0);
  });

  it('has the place as its value, between the ends of all', () => {
    const [chart] = show();
    press(chart, 'End');
    const value = ['min', 'now', 'max'].map(name => chart.getAttribute(`aria-value${name}`));
    expect(value).toEqual(['0', '30', '30']);
  });

  it('is written in the units of its axes', () => {
    const [chart] = show([{ ...long, points: points([0, 90], [1e9, 2e9]) }], {
      xLabel: 'since the start',
      formatX: formatDuration,
      formatY: formatBytes
    });
    expect(press(chart, 'End')).toBe('since the start 1 min 30 s  ·  loss 2 GB');
    expect(ticks()).toEqual(expect.arrayContaining(['1.4 GB', '1 min 20 s', 'since the start']));
  });

  it('is drawn for those who see it, and hidden from those who hear it', () => {
    const [chart] = show();
    expect(chart.querySelector('svg')?.getAttribute('aria-hidden')).toBe('true');
    expect(chart.querySelector('.bioml-Readout')?.getAttribute('aria-hidden')).toBe('true');
  });
});

describe('the axes of a chart', () => {
  it('begin at zero only where zero belongs to them', () => {
    const high = { ...long, points: points([0, 1], [100, 104]) };
    show([high]);
    expect(ticks()).not.toContain('0.0');
    expect(
      ticks()
        .map(Number)
        .filter(value => value > 90)
    ).not.toHaveLength(0);
    document.body.innerHTML = '';
    show([high], { fromZero: true });
    expect(ticks()).toContain('20');
  });

  it('have powers of ten on a log scale', () => {
    show([{ ...long, points: points([0, 1, 2], [1e-6, 1e-3, 1]) }], { log: true });
    expect(ticks()).toEqual(expect.arrayContaining(['0.001', '1e-6', '1']));
  });

  it('cover the whole of the run where a line ends sooner', () => {
    const [chart] = show([long], { extent: [0, 100] });
    expect(ticks()).toContain('100');
    expect(chart.getAttribute('aria-valuemax')).toBe('100');
  });

  it('have room for a line that is level, and for one of a single point', () => {
    show([
      { ...long, points: points([0, 1], [0, 0]) },
      { ...short, points: points([5], [7]) }
    ]);
    for (const drawn of document.querySelectorAll('[d], circle, text')) {
      expect(drawn.outerHTML).not.toMatch(/NaN|Infinity/);
    }
  });
});

describe('a range that is drawn', () => {
  const pointer = (chart: HTMLElement, type: string, clientX: number, button = 0): void =>
    act(() => void chart.dispatchEvent(new MouseEvent(type, { bubbles: true, clientX, button })));
  const brush = (): Element | null => document.querySelector('.bioml-Brush');
  /** Where an x lies: the plot is 64 to 624 pixels wide. */
  const at = (x: number): number => 64 + (x / 30) * 560;

  it('may be drawn from right to left', () => {
    const onZoom = jest.fn();
    const [chart] = show([long], { onZoom });
    pointer(chart, 'pointerdown', at(20));
    pointer(chart, 'pointermove', at(10));
    pointer(chart, 'pointerup', at(10));
    expect(onZoom).toHaveBeenCalledWith([expect.closeTo(10, 0), expect.closeTo(20, 0)]);
  });

  it('ends at the edge of the plot', () => {
    const onZoom = jest.fn();
    const [chart] = show([long], { onZoom });
    pointer(chart, 'pointerdown', at(20));
    pointer(chart, 'pointerup', 5000);
    expect(onZoom).toHaveBeenCalledWith([expect.closeTo(20, 0), 30]);
  });

  it('is not begun by another button than the first', () => {
    const [chart] = show();
    pointer(chart, 'pointerdown', at(10), 2);
    pointer(chart, 'pointermove', at(20), 2);
    expect(brush()).toBeNull();
  });

  it('is given up when the pointer is taken away', () => {
    const onZoom = jest.fn();
    const [chart] = show([long], { onZoom });
    pointer(chart, 'pointerdown', at(10));
    expect(brush()).not.toBeNull();
    pointer(chart, 'pointercancel', at(20));
    expect(brush()).toBeNull();
    pointer(chart, 'pointerup', at(20));
    expect(onZoom).not.toHaveBeenCalled();
  });
});
