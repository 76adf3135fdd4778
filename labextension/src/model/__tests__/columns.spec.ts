import { aRow } from '../../testing/builders';
import { aComparison } from '../../testing/pages';
import {
  axisColumns,
  columnsOf,
  comparisonTitle,
  csvRows,
  distinctTitle,
  isNumeric,
  labelsOf
} from '../columns';
import { scaleOf } from '../scales';

describe('columns', () => {
  it('are everything the runs are compared by', () => {
    expect(columnsOf(aComparison()).map(column => column.id)).toEqual([
      'parameters:depth',
      'parameters:kind',
      'metrics:auc',
      'data:cohort.csv'
    ]);
  });

  it('that can be axes are parameters and metrics, those that differ first', () => {
    expect(axisColumns(aComparison()).map(column => column.key)).toEqual(['depth', 'auc', 'kind']);
  });

  it('of values that are not scores never become axes', () => {
    const rows = [{ key: 'scale', values: [1.7, 2.7], absent: [], differs: true, best: null, scores: [] }];
    const comparison = aComparison({ sections: [{ section: 'values', rows }] });
    expect(columnsOf(comparison).map(column => column.id)).toEqual(['values:scale']);
    expect(axisColumns(comparison)).toEqual([]);
  });

  it('are numeric where every value that is there is a number', () => {
    expect(isNumeric([1, null, 2.5])).toBe(true);
    expect(isNumeric([1, 'two'])).toBe(false);
    expect(isNumeric([null])).toBe(false);
    expect(isNumeric([Infinity])).toBe(false);
  });
});

describe('the title of a page', () => {
  const named = (...names: string[]): ReturnType<typeof aRow>[] =>
    names.map((name, index) => aRow({ name, record_id: `${index}`.repeat(32) }));

  it('names the runs that are compared', () => {
    expect(comparisonTitle(named('tree', 'forest'))).toBe('tree · forest');
    expect(comparisonTitle(named('tree', 'forest', 'gbm', 'svm'))).toBe('tree · forest + 2');
  });

  it('tells runs of one name apart', () => {
    expect(comparisonTitle(named('tree', 'tree'))).toBe('tree (000000) · tree (111111)');
  });

  it('cannot be made long or be forged by a name', () => {
    expect(comparisonTitle(named('x'.repeat(99), 'a\nb'))).toBe(`${'x'.repeat(17)}…xxxxxx · a⏎b`);
  });

  it('has a number where another page has the same', () => {
    expect(distinctTitle('tree', ['forest'])).toBe('tree');
    expect(distinctTitle('tree', ['tree', 'tree (2)'])).toBe('tree (3)');
  });
});

it('the table for a spreadsheet has one column per run, values in full', () => {
  const rows = csvRows(aComparison());
  expect(rows[0]).toEqual(['section', 'key', 'gbm-depth3', 'gbm-depth5']);
  expect(rows).toContainEqual(['metrics', 'auc', 0.99312, 0.9921]);
  expect(rows).toContainEqual(['run', 'run', 'r1', 'r2']);
  expect(rows).toContainEqual(['data', 'cohort.csv', 'a41c', null]);
  expect(new Set(rows.map(row => row.length))).toEqual(new Set([4]));
});

it('a time that is not known is an empty cell', () => {
  const runs = [aRow({ started: null }), aRow({ record_id: 'r2' })];
  expect(csvRows(aComparison({ runs })).find(row => row[1] === 'started')?.[2]).toBeNull();
});

it('labels tell runs of one name apart', () => {
  const runs = [
    aRow({ name: 'gbm', run_id: '1234567890', record_id: '12345678' }),
    aRow({ name: 'gbm', run_id: null, record_id: 'abcdefgh' }),
    aRow({ name: 'other', record_id: 'c' })
  ];
  expect(labelsOf(runs)).toEqual(['gbm (123456)', 'gbm (abcdef)', 'other']);
});

describe('scales', () => {
  it('put numbers on a line', () => {
    const scale = scaleOf([0, 10, null], [100, 200]);
    expect(scale.at(5)).toBe(150);
    expect(scale.at(null)).toBeNull();
    expect(scale.ticks.length).toBeGreaterThan(1);
  });

  it('give a single number the middle', () => {
    expect(scaleOf([0.5, 0.5], [0, 100]).at(0.5)).toBeCloseTo(50);
    expect(scaleOf([0], [0, 100]).at(0)).toBeCloseTo(50);
  });

  it('give words a place each, mixed values too', () => {
    const scale = scaleOf(['b', 1, true, null], [0, 90]);
    const places = ['b', 1, true].map(value => scale.at(value));
    expect(new Set(places).size).toBe(3);
    expect(scale.at(null)).toBeNull();
    expect(scale.ticks.map(tick => tick.text)).toEqual(['1', 'True', 'b']);
  });

  it('shorten long words', () => {
    expect(scaleOf(['x'.repeat(10_000)], [0, 1]).ticks[0].text.length).toBeLessThan(20);
  });
});
