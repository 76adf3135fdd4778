import { render, screen } from '@testing-library/react';
import React from 'react';
import { HOSTILE } from '../../../testing/pages';
import { Sparkline } from '../Sparkline';

type Props = React.ComponentProps<typeof Sparkline>;

/** A curve over a hundred seconds, 120 × 22 units. */
function draw(changes: Partial<Props> = {}): SVGElement {
  render(
    <Sparkline
      times={[0, 50, 100]}
      values={[0, 50, 100]}
      from={0}
      to={100}
      top={100}
      mark={null}
      label="CPU over the last 2 min, now 100 %"
      {...changes}
    />
  );
  return screen.getByRole('img') as unknown as SVGElement;
}

const curve = (image: SVGElement): string =>
  image.querySelector('.bioml-Sparkline-line')?.getAttribute('d') ?? '';
/** The drawn points, `[x, y]`. */
const places = (image: SVGElement): number[][] =>
  [...curve(image).matchAll(/[ML]([\d.]+),([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);

describe('Sparkline', () => {
  it('goes from the left to the right edge, and up as the value does', () => {
    expect(places(draw())).toEqual([
      [0, 21],
      [60, 11],
      [120, 1]
    ]);
  });

  it('leaves a gap where nothing was read: not a zero', () => {
    const image = draw({ times: [0, 25, 50, 75, 100], values: [10, 10, null, 10, 10] });
    expect(curve(image).match(/M/g)).toHaveLength(2);
    expect(places(image)).toHaveLength(4);
  });

  it('draws nothing where nothing was ever read', () => {
    const image = draw({ values: [null, null, null] });
    expect(curve(image)).toBe('');
  });

  it('draws a line of zeros at the bottom, also where the scale is its own', () => {
    expect(places(draw({ values: [0, 0, 0], top: 0 })).map(([, y]) => y)).toEqual([21, 21, 21]);
  });

  it('keeps within its height when a value is above the scale: several cores are more than 100 %', () => {
    expect(places(draw({ values: [100, 400, 800] })).map(([, y]) => y)).toEqual([18.5, 11, 1]);
  });

  it('leaves out what was before the span', () => {
    expect(places(draw({ from: 50 })).map(([x]) => x)).toEqual([0, 120]);
  });

  it.each([
    [25, ['30']],
    [0, ['0']],
    [-5, []],
    [null, []]
  ])('marks the moment %p of the span', (mark, expected) => {
    const marks = draw({ mark }).querySelectorAll('.bioml-Sparkline-mark');
    expect([...marks].map(line => line.getAttribute('x1'))).toEqual(expected);
  });

  it('says in words what it shows, and makes no element of them', () => {
    expect(draw().getAttribute('aria-label')).toBe('CPU over the last 2 min, now 100 %');
    expect(screen.getByTitle('CPU over the last 2 min, now 100 %')).toBeTruthy();
  });

  it('makes no element of a hostile name', () => {
    expect(draw({ label: HOSTILE }).getAttribute('aria-label')).toBe(HOSTILE);
    expect(document.querySelector('img')).toBeNull();
  });
});
