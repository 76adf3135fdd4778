import { act, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import type { IColumn } from '../../../model/columns';
import { points } from '../../../model/lines';
import { HOSTILE, trans } from '../../../testing/pages';
import { Legend } from '../frame';
import { Parallel } from '../Parallel';
import { Scatter } from '../Scatter';
import { ValueTable } from '../ValueTable';

const column = (key: string, values: IColumn['values']): IColumn => ({
  id: `parameters:${key}`,
  section: 'parameters',
  key,
  values,
  differs: true
});
const LABELS = ['first', 'second', 'third'];
const depth = column('depth', [3, 5, 7]);
const kind = column('kind', ['gbm', 'forest', 'gbm']);

const readout = (): string | null | undefined => document.querySelector('.bioml-Readout')?.textContent;
/** Coordinates that are not numbers. */
const broken = (): string[] =>
  [...document.querySelectorAll('svg *')].flatMap(one =>
    ['transform', 'points', 'x', 'y'].flatMap(name => {
      const place = one.getAttribute(name) ?? '';
      return /NaN|Infinity|undefined/.test(place) ? [place] : [];
    })
  );

/** The runs of a plot that can be reached by keys. */
const spots = (): Element[] => [...document.querySelectorAll('.bioml-Spot')];

describe('Scatter', () => {
  const show = (columns: IColumn[], onOpen = jest.fn()): jest.Mock => {
    const [x, y = x] = columns;
    render(
      <Scatter
        labels={LABELS}
        columns={columns}
        initialX={x.id}
        initialY={y.id}
        onOpen={onOpen}
        trans={trans}
      />
    );
    return onOpen;
  };

  it('is named by its columns', () => {
    show([depth, kind]);
    expect(screen.getByRole('group', { name: 'kind against depth' })).toBeTruthy();
    fireEvent.change(screen.getByLabelText('Up'), { target: { value: depth.id } });
    expect(screen.getByRole('group', { name: 'depth against depth' })).toBeTruthy();
  });

  it('tells the run under the pointer or the keyboard, and nothing afterwards', () => {
    show([depth, kind]);
    const [spot] = screen.getAllByRole('button');
    for (const [to, away] of [
      [fireEvent.focus, fireEvent.blur],
      [fireEvent.pointerEnter, fireEvent.pointerLeave]
    ]) {
      to(spot);
      expect(readout()).toBe('first: depth 3, kind gbm');
      away(spot);
      expect(readout()).toBe('');
    }
  });

  it('opens a run by Space without scrolling the page', () => {
    const onOpen = show([depth, kind]);
    expect(fireEvent.keyDown(spots()[2], { key: ' ' })).toBe(false);
    expect(onOpen.mock.calls).toEqual([[2]]);
  });

  it('is drawn where all values are the same, or no number', () => {
    show([column('level', [0, 0, 0]), column('best', [Infinity, 1, 2])]);
    expect(spots()).toHaveLength(3);
    expect(broken()).toEqual([]);
  });

  it('says that a run without a value has no point', () => {
    show([column('depth', [3, null, 7])]);
    expect(document.body.textContent).toContain('1 run lacks one of the two values and is not plotted.');
  });

  it('says it of several', () => {
    show([column('depth', [null, null, 7])]);
    expect(document.body.textContent).toContain('2 runs lack one of the two values and are not plotted.');
  });

  it('shows a hostile column as short text', () => {
    show([column(HOSTILE, [HOSTILE, 'b', 'c'])]);
    expect(document.querySelector('img')).toBeNull();
    expect(document.body.textContent).not.toMatch(/[\u202e\0]/);
    for (const option of screen.getAllByRole('option')) {
      expect(option.textContent?.length).toBeLessThan(100);
    }
  });
});

describe('Parallel', () => {
  const show = (columns: IColumn[]): jest.Mock => {
    const onOpen = jest.fn();
    render(<Parallel labels={LABELS} columns={columns} onOpen={onOpen} trans={trans} />);
    return onOpen;
  };

  it('has an axis for each column, and a place for each word', () => {
    show([kind, depth]);
    const [words, numbers] = document.querySelectorAll('.bioml-ParallelAxis');
    expect(words.textContent).toContain('forest');
    expect(numbers.textContent).toContain('depth');
    expect(screen.getByRole('group', { name: 'Parameters of the runs and depth' })).toBeTruthy();
  });

  it('shows the line that is told before the others, until the pointer leaves it', () => {
    show([kind, depth]);
    const [line] = screen.getAllByRole('button');
    fireEvent.pointerEnter(line);
    expect(readout()).toBe('first: kind gbm, depth 3');
    expect(document.querySelectorAll('.bioml-mod-behind')).toHaveLength(2);
    fireEvent.pointerLeave(line);
    expect(readout()).toBe('');
    expect(document.querySelectorAll('.bioml-mod-behind')).toHaveLength(0);
  });

  it('gets wider with its axes, so that names do not lie upon each other', () => {
    const width = (): number => Number(document.querySelector('svg')?.getAttribute('width'));
    show([depth, kind]);
    expect(width()).toBe(640);
    document.body.innerHTML = '';
    show(Array.from({ length: 12 }, (_, index) => column(`p${index}`, [1, 2, 3])));
    expect(width()).toBe(140 + 11 * 110);
  });

  it('stands in the middle with one axis, and breaks on no value', () => {
    show([column('x', [null, Infinity, 1])]);
    expect(broken()).toEqual([]);
    expect(document.querySelector('.bioml-ParallelAxis')?.getAttribute('transform')).toBe('translate(320,0)');
  });

  it('shows a hostile column as short text', () => {
    show([column(HOSTILE, ['a', 'b', HOSTILE]), depth]);
    expect(document.querySelector('img')).toBeNull();
    expect(document.body.textContent).not.toMatch(/[\u202e\0]/);
    expect(document.querySelector('.bioml-AxisLabel')?.firstChild?.textContent).toHaveLength(16);
  });
});

describe('names of lines', () => {
  it('are short text in a legend', () => {
    render(<Legend entries={[{ id: 'a', label: HOSTILE, style: 0 }]} />);
    const item = screen.getByRole('listitem');
    expect(item.querySelector('img')).toBeNull();
    expect(item.textContent).not.toMatch(/[\u202e\0]/);
    expect(item.textContent?.length).toBeLessThan(500);
  });

  it('are as they were in the copied table, with full figures', async () => {
    const written: string[] = [];
    const clipboard = { writeText: async (text: string) => void written.push(text) };
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: clipboard });
    const line = { id: 'a', label: 'loss, "val"', style: 0, points: points([0, 1], [0.123456789, null]) };
    render(<ValueTable lines={[line]} xLabel="step" trans={trans} />);
    const details = document.querySelector('details') as HTMLDetailsElement;
    details.open = true;
    fireEvent(details, new Event('toggle'));
    await act(async () => {
      fireEvent.click(screen.getByRole('button', { name: 'Copy as CSV' }));
    });
    expect(written[0].trim().split(/\r?\n/)).toEqual(['step,"loss, ""val"""', '0,0.123456789', '1,']);
  });
});
