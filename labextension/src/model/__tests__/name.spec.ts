import { parted, shortName } from '../name';

describe('parted', () => {
  it.each([
    ['resnet50-lr0.001-seed23', 'resnet50-lr0.001', '-seed23'],
    ['validation.accuracy.fold_1', 'validation.accuracy', '.fold_1'],
    ['scheduler.learning_rate_final', 'scheduler.learning_rate', '_final'],
    ['a study of the heart A.ipynb', 'a study of the heart', ' A.ipynb'],
    ['diagnosis-of-breast-cancer-A', 'diagnosis-of-breast', '-cancer-A'],
    ['the-cohort-of-chemotherapy-A', 'the-cohort-of-chemotherapy', '-A'],
    ['averylongnamewithoutanypart', 'averylongnamewithouta', 'nypart']
  ])('keeps of %s the part that tells it from its neighbours', (name, begin, end) => {
    expect(parted(name)).toEqual([begin, end]);
  });

  it('leaves alone what is short, and what may have joined letters', () => {
    expect(parted('model-with-seed1')).toEqual(['model-with-seed1', '']);
    const joined = 'ש'.repeat(40);
    expect(parted(joined)).toEqual([joined, '']);
  });
});

describe('shortName', () => {
  it('leaves out the middle', () => {
    expect(shortName('resnet50-augmented-cohort-seed1', 20)).toBe('resnet50-augm…-seed1');
    expect(shortName('resnet50-augmented-cohort-seed2', 20)).toBe('resnet50-augm…-seed2');
    expect(shortName('optimizer.learning_rate_initial', 16)).toHaveLength(16);
  });

  it('is one line, never longer than asked for', () => {
    expect(shortName('short')).toBe('short');
    expect(shortName('two\nlines')).toBe('two⏎lines');
    expect(shortName('n'.repeat(10_000))).toHaveLength(80);
  });
});
