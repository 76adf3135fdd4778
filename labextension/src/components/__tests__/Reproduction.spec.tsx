import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { ApiError } from '../../api/request';
import { aJob, aResult, aRow } from '../../testing/builders';
import { HOSTILE, trans } from '../../testing/pages';
import { aReproduce } from '../../testing/reproduce';
import { ReproduceButton } from '../ReproduceButton';
import { Reproduction } from '../Reproduction';

const ENDED = 1_795_270_004;

function show(
  changes: Parameters<typeof aReproduce>[0],
  others: Partial<ReturnType<typeof aReproduce>> = {}
): ReturnType<typeof aReproduce> {
  const reproduce = { ...aReproduce(changes), ...others };
  render(<Reproduction reproduce={reproduce} trans={trans} />);
  return reproduce;
}

const shown = (): string => screen.getByRole('group', { name: /^Reproduction of/ }).textContent ?? '';
const press = (name: string): boolean => fireEvent.click(screen.getByRole('button', { name }));
const done = (result: Record<string, unknown>): Parameters<typeof aReproduce>[0] => ({
  phase: 'done',
  job: aJob({ state: 'done', ended: ENDED, result })
});

describe('the button', () => {
  const button = (...[row, changes]: [ReturnType<typeof aRow> | null, Parameters<typeof aReproduce>[0]]) => {
    const reproduce = aReproduce(changes);
    render(<ReproduceButton row={row} reproduce={row && reproduce} trans={trans} />);
    press('Reproduce');
    return { reproduce, title: screen.getByRole('button').title };
  };

  it('begins', () => {
    const { reproduce, title } = button(aRow(), null);
    expect(reproduce.onStart).toHaveBeenCalledTimes(1);
    expect(title).toContain('fresh kernel');
  });

  it('begins again where it has ended', () => {
    expect(button(aRow({ state: 'FAILED' }), { phase: 'done' }).reproduce.onStart).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['The run has not finished yet', aRow({ state: 'RUNNING' }), null],
    ['The run is being reproduced', aRow(), { phase: 'starting' as const }],
    ['Select one run', null, null]
  ])('says why it cannot, and can still be reached: %s', (words, row, changes) => {
    const { reproduce, title } = button(row, changes);
    expect(title).toBe(words);
    expect(reproduce.onStart).not.toHaveBeenCalled();
    screen.getByRole('button').focus();
    expect(document.activeElement?.getAttribute('aria-disabled')).toBe('true');
  });
});

describe('a reproduction that is under way', () => {
  beforeEach(() => jest.useFakeTimers({ now: 1_795_270_012_000 }));
  afterEach(() => jest.useRealTimers());

  it('shows its last line and its time, and all lines on request', () => {
    show({ job: aJob({ progress: ['running 4 earlier cells', 'cell 1 of 5'] }) });
    expect(screen.getByRole('status').textContent).toBe('Reproducing… cell 1 of 5');
    expect(screen.getByRole('timer').textContent).toBe('0:12');
    expect(screen.getByRole('timer').title).toMatch(/^since 2026-11-21 /);
    expect(screen.getAllByRole('listitem').map(item => item.textContent)).toEqual([
      'running 4 earlier cells',
      'cell 1 of 5'
    ]);
  });

  it('can be stopped, once', () => {
    const { onCancel } = show({});
    press('Cancel');
    expect(onCancel).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['starting', 'Starting…'],
    ['cancelling', 'Stopping…']
  ] as const)('while it is %s says so, and cannot be stopped', (phase, words) => {
    const { onCancel } = show({ phase, job: phase === 'starting' ? null : aJob({ progress: ['x', 'y'] }) });
    press('Cancel');
    expect(onCancel).not.toHaveBeenCalled();
    expect(screen.getByRole('status').textContent?.trim()).toBe(words);
  });

  it('goes on in the eyes of the user while the server is away', () => {
    show({
      error: new ApiError(0, 'no-answer', 'The Jupyter server does not answer.', 'Is it still running?')
    });
    expect(screen.getByRole('alert').textContent).toMatch(
      /does not answer. The reproduction continues.*still running/
    );
    expect(screen.getByRole('button', { name: 'Cancel' })).toBeTruthy();
  });
});

describe('a reproduction that has ended', () => {
  it('says its verdict as a sentence, and leads to the new run', () => {
    const reproduce = show(done(aResult()));
    expect(screen.getByRole('status').textContent).toBe(
      '✓ reproduced · All 4 metrics were reproduced exactly, in 4.1 s.'
    );
    press('Open new run');
    press('Compare with it');
    press('Hide the result');
    expect(reproduce.onOpenRun).toHaveBeenCalledWith('run-b');
    expect(reproduce.onCompare).toHaveBeenCalledWith('run-b');
    expect(reproduce.onHide).toHaveBeenCalledTimes(1);
  });

  it('says cause and repair where they are known, and what else was noted', () => {
    show(
      done(
        aResult({
          verdict: 'DIFFERENT',
          sentence: 'The AUC is 0.9921 instead of 0.9931.',
          cause: 'version-changed',
          repair: 'pip install numpy==2.4.6',
          notes: ['The Python is another one.']
        })
      )
    );
    expect(shown()).toContain('≠ different · The AUC is 0.9921');
    expect(shown()).toContain('Cause: version-changed');
    expect(shown()).toContain('Repair: pip install numpy==2.4.6');
    expect(screen.getByRole('button', { name: 'Copy the repair' })).toBeTruthy();
    expect(shown()).toContain('1 remarkThe Python is another one.');
  });

  it.each(['pip install x\u202e', 'x'.repeat(1001), 'line\n'.repeat(60)])(
    'does not offer to copy what is not all seen: %.20s',
    repair => {
      show(done(aResult({ repair })));
      expect(screen.queryByRole('button', { name: 'Copy the repair' })).toBeNull();
    }
  );

  it('says what the verdict is based on, and that nothing was compared', () => {
    show(done(aResult({ based_on: { text: '3 scores, 1 table; 1 figure not compared' } })));
    expect(shown()).toContain('Based on: 3 scores, 1 table; 1 figure not compared');
    document.body.innerHTML = '';
    show(
      done({ verdict: 'NOT COMPARED', sentence: 'The run finished.', repair: 'print a result in the cell' })
    );
    expect(shown()).toContain('? not compared · The run finished.');
    expect(shown()).toContain('Repair: print a result in the cell');
  });

  it('leads nowhere where there is no new run, or no page for it', () => {
    show(done({ verdict: 'COULD NOT RUN', sentence: "The run's cell was not reached." }));
    expect(screen.getAllByRole('button').map(one => one.title)).toEqual(['Hide the result']);
    document.body.innerHTML = '';
    show(done(aResult()), { onOpenRun: null, onCompare: null } as never);
    expect(screen.getAllByRole('button')).toHaveLength(1);
  });

  it('says that there is no verdict where none was told', () => {
    show(done({}));
    expect(screen.getByRole('status').textContent).toBe('no verdict');
  });

  it('says what was wrong and what to do, and can be tried again', () => {
    const { onStart } = show({
      phase: 'failed',
      job: null,
      error: new ApiError(409, 'refused', '2 jobs run already; nothing was started.', 'Wait for one.')
    });
    expect(shown()).toContain('✗ Not reproduced');
    expect(screen.getByRole('alert').textContent).toContain('nothing was started. Wait for one.');
    press('Try again');
    expect(onStart).toHaveBeenCalledTimes(1);
  });

  it('says that it was stopped, and what is kept', () => {
    show({ phase: 'cancelled', job: aJob({ state: 'cancelled', ended: ENDED }) });
    expect(screen.getByRole('status').textContent).toBe('■ Stopped. Its results so far are kept.');
  });

  it('says that the server has lost it', () => {
    show({ phase: 'lost', name: '' });
    expect(screen.getByRole('alert').textContent).toMatch(/no longer knows about it.*are kept/);
    expect(screen.getByRole('group').getAttribute('aria-label')).toBe('Reproduction of aaaaaaaa…');
  });

  it('is nothing where nothing is known', () => {
    show(null);
    expect(screen.queryByRole('group')).toBeNull();
  });

  it('shows hostile text as short text', () => {
    const texts = { verdict: HOSTILE, sentence: HOSTILE, cause: HOSTILE, repair: HOSTILE, notes: [HOSTILE] };
    show({ ...done(aResult(texts)), name: HOSTILE });
    expect(document.querySelector('img')).toBeNull();
    expect(shown()).toContain('<img src=x');
    expect(shown()).not.toMatch(/[\u202e\0]/);
    expect(shown().length).toBeLessThan(6000);
  });

  it('shows hostile progress and errors as text', () => {
    show({ job: aJob({ progress: Array(50).fill(HOSTILE) }), error: new Error(HOSTILE) });
    expect(document.querySelector('img')).toBeNull();
    expect(shown()).not.toMatch(/[\u202e\0]/);
  });
});
