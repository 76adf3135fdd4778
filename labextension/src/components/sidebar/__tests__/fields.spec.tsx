import { act, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { Check, NumberField, TextField, Toggle } from '../Fields';

/** Longer than typing pauses before it counts. */
const PAUSED = 300;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const pause = (): void => act(() => void jest.advanceTimersByTime(PAUSED));
const type = (field: HTMLElement, value: string): void => void fireEvent.change(field, { target: { value } });

describe('a field of text', () => {
  const field = (value: string, onChange = jest.fn()): React.ReactElement => (
    <TextField label="Filter" placeholder="Filter…" type="search" value={value} onChange={onChange} />
  );

  it('shows each letter at once, and tells only the last text of a pause', () => {
    const onChange = jest.fn();
    render(field('', onChange));
    const input = screen.getByLabelText<HTMLInputElement>('Filter');
    for (const text of ['g', 'gb', 'gbm']) {
      type(input, text);
      expect(input.value).toBe(text);
      act(() => void jest.advanceTimersByTime(200));
    }
    expect(onChange).not.toHaveBeenCalled();
    pause();
    expect(onChange.mock.calls).toEqual([['gbm']]);
  });

  it('shows what was set from elsewhere', () => {
    const { rerender } = render(field('depth'));
    rerender(field(''));
    expect(screen.getByLabelText<HTMLInputElement>('Filter').value).toBe('');
  });

  it('forgets what was being typed when something else is set from elsewhere', () => {
    const onChange = jest.fn();
    const { rerender } = render(field('depth', onChange));
    type(screen.getByLabelText('Filter'), 'depth=3');
    rerender(field('', onChange));
    pause();
    expect(onChange).not.toHaveBeenCalled();
    expect(screen.getByLabelText<HTMLInputElement>('Filter').value).toBe('');
  });

  it('tells nothing after it was taken away', () => {
    const onChange = jest.fn();
    const { unmount } = render(field('', onChange));
    type(screen.getByLabelText('Filter'), 'gbm');
    unmount();
    pause();
    expect(onChange).not.toHaveBeenCalled();
  });
});

describe('a field of a number', () => {
  const show = (value: number | null): { input: HTMLInputElement; onChange: jest.Mock } => {
    const onChange = jest.fn();
    render(<NumberField label="Smallest" value={value} onChange={onChange} />);
    return { input: screen.getByRole('spinbutton', { name: 'Smallest' }), onChange };
  };

  it.each([
    ['0.5', 0.5],
    ['-3', -3],
    ['1e-7', 1e-7],
    ['0', 0]
  ])('reads %p', (text, value) => {
    const { input, onChange } = show(null);
    type(input, text);
    pause();
    expect(onChange.mock.calls).toEqual([[value]]);
  });

  it('takes an empty field as no bound, which is not zero', () => {
    const { input, onChange } = show(0);
    expect(input.value).toBe('0');
    type(input, '');
    pause();
    expect(onChange.mock.calls).toEqual([[null]]);
  });

  it('is empty where there is no bound, and takes any fraction', () => {
    const { input } = show(null);
    expect([input.value, input.placeholder, input.step]).toEqual(['', 'Smallest', 'any']);
  });
});

it('a toggle says by itself whether it is on, not by its sign', () => {
  const onToggle = jest.fn();
  const toggle = (isOn: boolean): React.ReactElement => (
    <Toggle label="Group runs by name" sign="☰" isOn={isOn} onToggle={onToggle} />
  );
  const { rerender } = render(toggle(false));
  const button = screen.getByRole('button', { name: 'Group runs by name' });
  expect(button.getAttribute('aria-pressed')).toBe('false');
  fireEvent.click(button);
  expect(onToggle).toHaveBeenCalledTimes(1);
  rerender(toggle(true));
  expect(screen.getByRole('button', { name: 'Group runs by name', pressed: true })).toBe(button);
});

it('a box is ticked by its words too', () => {
  const onToggle = jest.fn();
  render(<Check label="only starred" isOn={false} onToggle={onToggle} />);
  fireEvent.click(screen.getByText('only starred'));
  expect(onToggle).toHaveBeenCalledTimes(1);
  expect(screen.getByRole<HTMLInputElement>('checkbox', { name: 'only starred' }).checked).toBe(false);
});
