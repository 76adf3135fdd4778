import type { ILine } from '../lines';
import * as lines from '../lines';

const line = (ys: (number | null)[], xs: number[] = ys.map((_, index) => index)): ILine => ({
  id: 'l',
  label: 'l',
  style: 0,
  points: lines.points(xs, ys)
});

describe('points', () => {
  it('are put in order of x, values with them', () => {
    expect(lines.points([2, 1], [20, 10])).toEqual([
      { x: 1, y: 10 },
      { x: 2, y: 20 }
    ]);
  });

  it('have no value where the column is shorter', () => {
    expect(lines.points([1, 2], [10])[1].y).toBeNull();
  });
});

describe('ranges', () => {
  it('span every line', () => {
    expect(lines.xRange([line([1, 2], [5, 9]), line([1], [2])])).toEqual([2, 9]);
  });

  it('are null without points', () => {
    expect(lines.xRange([line([])])).toBeNull();
    expect(lines.yRange([line([null, NaN])], [0, 9], false)).toBeNull();
  });

  it('count only what is seen, and on a log scale only what is above zero', () => {
    const one = line([-1, 5, 100]);
    expect(lines.yRange([one], [0, 1], false)).toEqual([-1, 5]);
    expect(lines.yRange([one], [0, 2], true)).toEqual([5, 100]);
    expect(lines.hiddenByLog([one])).toBe(1);
  });

  it('get room on both sides, a single value too', () => {
    expect(lines.padded([0, 10], false)).toEqual([-0.5, 10.5]);
    expect(lines.padded([4, 4], true)).toEqual([2, 8]);
    const [low, high] = lines.padded([0, 0], false);
    expect(low).toBeLessThan(0);
    expect(high).toBeGreaterThan(0);
  });
});

describe('nearest', () => {
  const one = line([1, 2, 3], [0, 10, 20]);

  it.each([
    [-5, 0],
    [4, 0],
    [6, 10],
    [19, 20],
    [99, 20]
  ])('of %d is %d', (x, expected) => {
    expect(lines.nearest(one, x)?.x).toBe(expected);
    expect(lines.snap([0, 10, 20], x)).toBe(expected);
  });

  it('is null in an empty line, and x stays x', () => {
    expect(lines.nearest(line([]), 1)).toBeNull();
    expect(lines.snap([], 7)).toBe(7);
  });
});

it('stops are every x once, in order', () => {
  expect(lines.stops([line([1, 1], [3, 1]), line([1, 1], [2, 3])])).toEqual([1, 2, 3]);
});

it('ticks of a crowded log scale are powers of ten', () => {
  expect(lines.sparse([0.001, 0.002, 0.01, 0.05, 0.1, 1], 3)).toEqual([0.001, 0.01, 0.1, 1]);
  expect(lines.sparse([2, 3, 4], 2)).toEqual([2, 3, 4]);
});

describe('smoothing', () => {
  it('off leaves the line alone', () => {
    const one = line([1, 5]);
    expect(lines.smoothed(one, 0)).toBe(one);
  });

  it('leaves a constant as it is from the first value on', () => {
    for (const { y } of lines.smoothed(line([3, 3, 3]), 0.9).points) {
      expect(y).toBeCloseTo(3, 12);
    }
  });

  it('lies between the values, and gaps stay gaps', () => {
    const ys = lines.smoothed(line([0, null, 10, NaN]), 0.5).points.map(point => point.y);
    expect(ys[1]).toBeNull();
    expect(ys[3]).toBeNull();
    expect(ys[2]).toBeGreaterThan(0);
    expect(ys[2]).toBeLessThan(10);
  });
});

it('rates are differences per second; what was not read or set back is absent', () => {
  expect(lines.rates([0, 2, 3, 4, 4], [0, 100, null, 50, 60])).toEqual([
    { x: 2, y: 50 },
    { x: 3, y: null },
    { x: 4, y: null },
    { x: 4, y: null }
  ]);
  expect(lines.rates([0, 1], [100, 50])[0].y).toBeNull();
});
