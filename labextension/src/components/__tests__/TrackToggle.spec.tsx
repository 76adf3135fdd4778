import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { HOSTILE, trans } from '../../testing/pages';
import type { TrackingState } from '../../tokens';
import { TrackToggle } from '../TrackToggle';

function shown(changes: Partial<React.ComponentProps<typeof TrackToggle>>): {
  toggle: HTMLElement;
  menu: HTMLElement;
  onToggle: jest.Mock;
  onMenu: jest.Mock;
} {
  const [onToggle, onMenu] = [jest.fn(), jest.fn()];
  render(
    <TrackToggle
      state="off"
      detail={null}
      unsupported={null}
      untracked={0}
      onToggle={onToggle}
      onMenu={onMenu}
      trans={trans}
      {...changes}
    />
  );
  const toggle = screen.getByRole('button', { name: 'Track this notebook' });
  return { toggle, menu: screen.getByRole('button', { name: 'What is tracked' }), onToggle, onMenu };
}

describe('TrackToggle', () => {
  it.each<[TrackingState, string, string]>([
    ['off', 'false', '○Track'],
    ['unknown', 'false', '◌Track'],
    ['on', 'true', '●Tracked'],
    ['auto', 'true', '◉Tracked: every cell'],
    ['broken', 'true', '⚠Tracked']
  ])('shows %s by sign, word and pressed state', (state, pressed, text) => {
    const { toggle } = shown({ state });
    expect([toggle.getAttribute('aria-pressed'), toggle.textContent]).toEqual([pressed, text]);
    expect(toggle.title.length).toBeGreaterThan(20);
  });

  it('toggles, and opens the menu at the caret', () => {
    const { toggle, menu, onToggle, onMenu } = shown({});
    fireEvent.click(toggle);
    fireEvent.click(menu);
    expect([onToggle.mock.calls.length, onMenu.mock.calls]).toEqual([1, [[menu]]]);
  });

  it('says what is wrong, as text', () => {
    const { toggle } = shown({ state: 'off', detail: HOSTILE });
    expect(toggle.textContent).toContain('⚠');
    expect(toggle.title).toContain('<img src=x');
    expect(toggle.title).not.toContain('\u202e');
    expect(document.querySelector('img')).toBeNull();
  });

  it('is off with the reason where a kernel cannot be tracked', () => {
    const { toggle, menu, onToggle, onMenu } = shown({ state: 'unknown', unsupported: 'this one runs R' });
    fireEvent.click(toggle);
    fireEvent.click(menu);
    expect(toggle.getAttribute('aria-disabled')).toBe('true');
    expect(toggle.title).toBe('this one runs R');
    expect([onToggle.mock.calls, onMenu.mock.calls]).toEqual([[], []]);
  });
});
