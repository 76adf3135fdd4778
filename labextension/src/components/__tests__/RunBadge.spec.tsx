import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import type { RunRow } from '../../api/wire';
import { aRow } from '../../testing/builders';
import { HOSTILE, trans } from '../../testing/pages';
import { RunBadge } from '../RunBadge';

const NOW = 1_795_270_120;

function badge(row: Partial<RunRow>, stale = false, onOpen: (() => void) | null = null): HTMLElement {
  render(<RunBadge row={aRow(row)} stale={stale} onOpen={onOpen} now={NOW} trans={trans} />);
  return screen.getByRole('button');
}

describe('RunBadge', () => {
  it.each<[RunRow['state'], string]>([
    ['RUNNING', 'running'],
    ['FINISHED', 'finished'],
    ['FAILED', 'failed'],
    ['KILLED', 'killed']
  ])('says %s in a word', (state, word) => {
    const button = badge({ state });
    expect(button.textContent).toContain(word);
    expect(button.getAttribute('aria-label')).toBe(`Run gbm-depth3: ${word}`);
  });

  it('opens the run', () => {
    const onOpen = jest.fn();
    fireEvent.click(badge({}, false, onOpen));
    expect(onOpen).toHaveBeenCalledTimes(1);
  });

  it('does not pretend to open anything where there is no page', () => {
    const button = badge({});
    expect(button).toHaveProperty('disabled', true);
    expect(button.title).not.toContain('Click');
  });

  it('says when the cell was edited since', () => {
    const button = badge({}, true);
    expect(button.textContent).toContain('edited since');
    expect(button.getAttribute('aria-label')).toContain('the cell has been edited since');
  });

  it('has the rest in its title', () => {
    expect(badge({ error: 'ValueError: no rows' }).title).toBe(
      'Run gbm-depth3: finished\n2 min ago · 3.2 s\nValueError: no rows\nauc 0.9931'
    );
  });

  it('leaves out what is not known', () => {
    expect(badge({ name: '', started: null, duration: null, metrics: {} }).title).toBe(
      'Run (no name): finished'
    );
  });

  it('shows a hostile name as short text', () => {
    const button = badge({ name: HOSTILE, error: HOSTILE, metrics: { [HOSTILE]: 1 } });
    expect(button.title.length).toBeLessThan(600);
    expect(button.title).not.toContain('\u202e');
    expect(document.querySelector('img')).toBeNull();
  });
});
