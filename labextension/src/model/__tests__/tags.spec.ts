import { tagChanges, tagLines } from '../tags';

const before = { cohort: 'first', empty: '', 'a=b': 'odd', note: 'two\nlines' };

describe('tags as lines', () => {
  it('are those that a line can hold', () => {
    expect(tagLines(before)).toBe('cohort=first\nempty=');
  });

  it('that were not touched change nothing', () => {
    expect(tagChanges(before, tagLines(before))).toEqual({});
  });

  it('set, change and take away tags, and leave alone those that they cannot hold', () => {
    expect(tagChanges(before, ' cohort = second=half \n\nnew\n')).toEqual({
      cohort: 'second=half',
      new: '',
      empty: null
    });
  });

  it('may be called as every object has it', () => {
    expect(tagChanges({}, 'constructor=1')).toEqual({ constructor: '1' });
  });
});
