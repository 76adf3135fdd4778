import { aDataUse, aDetail } from '../../testing/pages';
import { cellsOf, contentsPath, pipInstall, plainNumber, plainValue, shapeOf, stripAnsi } from '../record';

describe('figures of a record', () => {
  it('are numbers, or words for what JSON has none for', () => {
    expect(plainNumber(0.5)).toBe(0.5);
    expect(plainNumber({ $float: 'NaN' })).toBeNaN();
    expect(plainNumber({ $float: '-Infinity' })).toBe(-Infinity);
    expect(plainNumber(null)).toBeNull();
    expect(plainNumber(undefined)).toBeNull();
  });

  it('may be any value', () => {
    expect(plainValue(true)).toBe(true);
    expect(plainValue('text')).toBe('text');
    expect(plainValue({ $float: 'Infinity' })).toBe(Infinity);
    expect(plainValue([1, 2])).toBe('[1,2]');
    expect(plainValue(undefined)).toBeNull();
  });
});

it('a shape names the side that is not known', () => {
  expect(shapeOf(aDataUse({ rows: 120, columns: 5 }))).toBe('120 × 5');
  expect(shapeOf(aDataUse({ rows: 120, columns: null }))).toBe('120 × ?');
  expect(shapeOf(aDataUse({ rows: null, columns: undefined }))).toBeNull();
});

it('cells come in order, the own one last and with its magic line', () => {
  const before = [2, 5].map(seq => ({
    seq: 0, // as of cells that ran while tracking was off
    cell_id: null,
    execution_count: seq,
    source: `cell ${seq}`,
    state: 'UNKNOWN' as const,
    tags: [],
    unseen: true
  }));
  const cells = cellsOf(aDetail({ code_before: before }));
  expect(cells.map(cell => cell.source)).toEqual([
    'cell 2',
    'cell 5',
    '%%experiment gbm\ndepth = 3\nfit(depth)'
  ]);
  expect(cells.map(cell => cell.own)).toEqual([false, false, true]);
});

describe('contentsPath', () => {
  it.each([
    ['/srv', '/srv', 'a.ipynb', 'a.ipynb'],
    ['/srv', '/srv/project', 'sub/a.ipynb', 'project/sub/a.ipynb'],
    ['/srv/', '/srv/project/', './a.ipynb', 'project/a.ipynb'],
    ['/', '/srv', 'a.ipynb', 'srv/a.ipynb'],
    ['/srv', '/elsewhere', '/srv/a.ipynb', 'a.ipynb']
  ])('root %s, project %s, notebook %s: %s', (root, project, notebook, expected) => {
    expect(contentsPath(root, project, notebook)).toBe(expected);
  });

  it.each([
    ['/srv', '/other', 'a.ipynb'],
    ['/srv', '/srv-other', 'a.ipynb'],
    ['/srv', '/srv', '../secret.ipynb'],
    ['/srv', '/srv', null]
  ])('root %s, project %s, notebook %s: nothing', (root, project, notebook) => {
    expect(contentsPath(root, project, notebook)).toBeNull();
  });
});

describe('pipInstall', () => {
  it('names every package with its version, in order', () => {
    expect(pipInstall({ b: '2.0', a: '1.0+local' })).toEqual({
      command: 'pip install a==1.0+local b==2.0',
      left: 0
    });
  });

  it.each(['a; rm -rf ~', '$(id)', '-r evil.txt', 'a b', '`id`', 'a\nb'])(
    'leaves out what a shell would run: %j',
    name => {
      expect(pipInstall({ [name]: '1.0', good: '1.0' })).toEqual({
        command: 'pip install good==1.0',
        left: 1
      });
      expect(pipInstall({ good: name })).toEqual({ command: '', left: 1 });
    }
  );
});

it('colours and links of a terminal are taken away, text stays', () => {
  expect(stripAnsi('\u001b[1;31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007 [31m')).toBe(
    'red link [31m'
  );
});
