import { render, screen } from '@testing-library/react';
import React from 'react';
import { groupRuns } from '../../../model/groups';
import { aRow } from '../../../testing/builders';
import { HOSTILE, trans } from '../../../testing/pages';
import { GroupLine, RunLine } from '../RunLine';

const NOW = 1_795_270_120;

type Changes = Partial<Omit<React.ComponentProps<typeof RunLine>, 'row'>>;

function line(row: Parameters<typeof aRow>[0], changes: Changes = {}): HTMLElement {
  const { container } = render(
    <RunLine
      row={aRow(row)}
      metric="auc"
      best={undefined}
      now={NOW}
      withNotebook={false}
      trans={trans}
      {...changes}
    />
  );
  return container;
}

it('what its user stopped is interrupted, in the colour of what was killed, and needs no reason', () => {
  const stopped = line({ state: 'KILLED', interrupted: true, error: 'KeyboardInterrupt: ' });
  expect(stopped.querySelector('.bioml-State.bioml-mod-interrupted')?.textContent).toBe('interrupted');
  expect(stopped.textContent).not.toContain('KeyboardInterrupt');
  const killed = line({ state: 'KILLED', error: 'the kernel ended' });
  expect(killed.textContent).toMatch(/killed.*the kernel ended/);
});

it('that runs shows its curve, and the step it is at', () => {
  const progress = { metric: 'loss', values: [3, 2, 1], done: 12, total: 30 };
  line({ state: 'RUNNING', progress });
  expect(screen.getByRole('img', { name: 'step 12 of 30, loss now 1' }).textContent).toBe('12/30');
  line({ state: 'RUNNING', progress: { ...progress, values: [], total: null } });
  expect(screen.getByRole('img', { name: 'step 12' }).textContent).toBe('12');
  const ended = line({ state: 'FINISHED', progress });
  expect(ended.querySelector('.bioml-Progress')).toBeNull();
});

it('has more figures where there is room, each above its name', () => {
  const columns = [
    { kind: 'param', key: 'depth' },
    { kind: 'metric', key: 'loss' }
  ] as const;
  const found = line({ params: { depth: 3 }, metrics: { auc: 0.9 } }, { columns });
  const texts = [...found.querySelectorAll('.bioml-Line-column')].map(one => one.textContent);
  expect(texts).toEqual(['3depth', '–loss']);
});

describe('the metric of a run', () => {
  const metric = (container: HTMLElement): string | null | undefined =>
    container.querySelector('.bioml-Line-metric')?.textContent;

  it('is four digits to read, and whole in the title', () => {
    expect(metric(line({ metrics: { auc: 0.123456789 } }))).toBe('0.1235');
    expect(screen.getByTitle('auc: 0.123456789').textContent).toBe('0.1235');
  });

  it('is a dash where the run lacks it, and nothing where no metric is chosen', () => {
    expect(metric(line({ metrics: {} }))).toBe('–');
    expect(metric(line({ metrics: {} }, { metric: '' }))).toBe('');
  });

  it('is zero where it is zero', () => {
    expect(metric(line({ metrics: { auc: 0 } }))).toBe('0');
  });

  it.each([
    [0.99, 1, '0.99−1 %'],
    [1.5, 1, '1.5+50 %'],
    [0.25, 0, '0.25+0.25'],
    [1, 1, '1=']
  ])('%p beside the best %p is written %p', (value, best, text) => {
    const row = { record_id: 'x', metrics: { auc: value } };
    expect(metric(line(row, { best: { record_id: 'other', value: best } }))).toBe(text);
  });

  it('has a star with a word where it is the best', () => {
    line({ record_id: 'x' }, { best: { record_id: 'x', value: 0.9931 } });
    expect(screen.getByRole('img', { name: 'best' }).textContent).toBe('★');
    expect(screen.getByTitle('auc: 0.9931, the best')).toBeTruthy();
  });
});

describe('the second line', () => {
  const more = (container: HTMLElement): string | null | undefined =>
    container.querySelector('.bioml-Line-more')?.textContent;

  it('says how it ended and when, the exact time and the duration in the title', () => {
    expect(more(line({}))).toBe('finished2 min ago');
    expect(screen.getByText('2 min ago').title).toMatch(/^2026-11-21 .*, 3\.2 s$/);
  });

  it('is a clock while it runs, without a mark that it waits', () => {
    expect(more(line({ state: 'RUNNING', started: NOW - 3661, published: false }))).toBe('running1:01:01');
  });

  it('says what is not known as not known', () => {
    expect(more(line({ state: 'RUNNING', started: null, duration: null }))).toBe('running–');
    const usage = { cpu_percent: null, rss: null };
    expect(more(line({ state: 'RUNNING', started: NOW, usage }))).toBe('running0:00– · –');
  });

  it('does not claim a change that is not known', () => {
    expect(more(line({ data_changed: null, environment_changed: null }))).not.toContain('changed');
    expect(more(line({ data_changed: true, environment_changed: false }))).toContain('data changed');
  });

  it('says that a run is being reproduced, in place of an earlier verdict', () => {
    const text = more(line({ verdict: 'different' }, { isReproducing: true }));
    expect(text).toContain('reproducing…');
    expect(text).not.toContain('different');
  });

  it('names the notebook only where runs of several are listed', () => {
    expect(more(line({}))).not.toContain('study.ipynb');
    expect(more(line({}, { withNotebook: true }))).toContain('study.ipynb');
    expect(more(line({ notebook: null }, { withNotebook: true }))).toBe('finished2 min ago');
  });

  it('explains each mark in its title', () => {
    line({ verdict: 'reproduced', taint: 'edited', archived: true, published: false });
    expect(screen.getByTitle('Verdict of its reproduction').textContent).toBe('✓ reproduced');
    expect(screen.getByTitle(/may give a different result/).textContent).toBe('⚠ edited after it ran');
    expect(screen.getByText('archived').title).toContain('Hidden unless');
    expect(screen.getByText('waiting').title).toContain('kept in the journal');
  });
});

describe('the runs of one name', () => {
  const rows = [
    aRow({ record_id: 'new', started: NOW - 60, state: 'FAILED', metrics: { auc: 0.5 } }),
    aRow({ record_id: 'top', started: NOW - 600, metrics: { auc: 0.9 } })
  ];
  const show = (isOpen: boolean, metric = 'auc', all = rows): string => {
    const [group] = groupRuns(all, metric, undefined);
    const { container } = render(
      <GroupLine group={group} isOpen={isOpen} metric={metric} best={undefined} now={NOW} trans={trans} />
    );
    return container.textContent ?? '';
  };

  it('are one line: how many and the best, then the latest with its own figure', () => {
    expect(show(false)).toBe('▸gbm-depth32 runs0.9latest 1 min ago✗ failed0.5');
  });

  it('turn their sign when they are open', () => {
    expect(show(true).startsWith('▾')).toBe(true);
  });

  it('have no figure where none of them has the metric', () => {
    expect(show(false, 'loss')).toBe('▸gbm-depth32 runslatest 1 min ago✗ failed');
  });

  it('are counted in the singular too, and their name is only text', () => {
    const text = show(false, 'auc', [aRow({ name: HOSTILE })]);
    expect(text).toContain('1 run');
    expect(text).not.toContain('1 runs');
    expect(text).not.toMatch(/[\u202e\0]/);
    expect(text.length).toBeLessThan(800);
    expect(document.querySelector('img')).toBeNull();
  });
});
