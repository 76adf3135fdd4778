import { render } from '@testing-library/react';
import React from 'react';
import { HOSTILE, trans } from '../../testing/pages';
import { TaintBadge } from '../Taint';

describe('TaintBadge', () => {
  it.each([
    ['out-of-order', '⚠ cells ran out of order', 'Cells ran in a different order'],
    ['edited', '⚠ edited after it ran', 'A cell was edited after it ran.'],
    ['deleted', '⚠ a cell was deleted', 'A cell that had run was deleted.']
  ])('says %s in plain words, and what it means', (level, word, reason) => {
    const { container } = render(<TaintBadge level={level} trans={trans} />);
    const badge = container.firstElementChild as HTMLElement;
    expect([badge.textContent, badge.title.startsWith(reason)]).toEqual([word, true]);
    expect(badge.title).toContain('may give a different result');
  });

  it('is not there where nothing is known', () => {
    expect(render(<TaintBadge level={null} trans={trans} />).container.textContent).toBe('');
  });

  it('shows a level that it does not know as short text', () => {
    const { container } = render(<TaintBadge level={HOSTILE} trans={trans} />);
    expect(container.querySelector('img')).toBeNull();
    expect(container.textContent?.length).toBeLessThan(80);
    expect(container.textContent).toContain('\\u202e');
  });
});
