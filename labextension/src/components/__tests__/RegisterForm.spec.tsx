import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { ApiError } from '../../api/request';
import type { RegisterOffer } from '../../api/wire';
import { aVersion } from '../../testing/builders';
import { HOSTILE, trans } from '../../testing/pages';
import { RegisterForm } from '../RegisterForm';

const OFFER: RegisterOffer = {
  can: true,
  refusal: null,
  suggested_name: 'diagnosis-gbm',
  names: [{ name: 'diagnosis-gbm', next_version: '6' }],
  aliases: ['challenger', 'champion'],
  will_store: [
    { label: 'Model', text: 'clf (sklearn)' },
    { label: 'Data', text: 'cohort.csv a41c…' }
  ]
};

type Props = React.ComponentProps<typeof RegisterForm>;

function form(changes: Partial<Props> = {}): {
  [K in 'onFill' | 'onSubmit' | 'onRetry' | 'onClose']: jest.Mock;
} {
  const calls = { onFill: jest.fn(), onSubmit: jest.fn(), onRetry: jest.fn(), onClose: jest.fn() };
  render(
    <RegisterForm
      offer={OFFER}
      error={null}
      fields={{ name: 'diagnosis-gbm', alias: '', description: '' }}
      nextVersion="6"
      canSubmit={true}
      busy={false}
      made={null}
      onOpenModel={null}
      trans={trans}
      {...calls}
      {...changes}
    />
  );
  return calls;
}

const button = (name: string): HTMLElement => screen.getByRole('button', { name });
const options = (label: string): (string | undefined)[] => {
  const list = document.getElementById(screen.getByLabelText(label).getAttribute('list') ?? '');
  return [...(list?.children ?? [])].map(option => (option as HTMLOptionElement).value);
};

describe('RegisterForm', () => {
  it('is ready with one click: the name is there, and has the focus', () => {
    const calls = form();
    expect(document.activeElement).toBe(screen.getByLabelText('Name'));
    expect(screen.getByText('next version: 6')).not.toBeNull();
    fireEvent.click(button('Register'));
    expect(calls.onSubmit).toHaveBeenCalledTimes(1);
  });

  it('completes names and aliases', () => {
    form();
    expect([options('Name'), options('Alias')]).toEqual([['diagnosis-gbm'], ['challenger', 'champion']]);
  });

  it('says what will be stored', () => {
    form();
    const stored = screen.getByRole('region', { name: 'Will store' });
    expect(stored.textContent).toBe('Will storeModelclf (sklearn)Datacohort.csv a41c…');
  });

  it('tells what is filled in', () => {
    const calls = form();
    fireEvent.change(screen.getByLabelText('Name'), { target: { value: 'new' } });
    fireEvent.change(screen.getByLabelText('Alias'), { target: { value: 'champion' } });
    fireEvent.change(screen.getByLabelText('Description'), { target: { value: 'first' } });
    expect(calls.onFill.mock.calls).toEqual([
      [{ name: 'new' }],
      [{ alias: 'champion' }],
      [{ description: 'first' }]
    ]);
  });

  it('says when the model is a new one, or has no name yet', () => {
    form({ fields: { name: 'other', alias: '', description: '' }, nextVersion: '1' });
    expect(screen.getByText('a new model, version 1')).not.toBeNull();
    form({ fields: { name: '', alias: '', description: '' }, nextVersion: null, canSubmit: false });
    expect(screen.getByText('Enter a name for the model.')).not.toBeNull();
    expect(screen.getAllByRole('button', { name: 'Register' })[1]).toHaveProperty('disabled', true);
  });

  it('shows that it works, and takes no second press', () => {
    form({ busy: true, canSubmit: false });
    expect(button('Registering…')).toHaveProperty('disabled', true);
    expect(screen.getByRole('status').textContent).toContain('published first');
    expect(screen.getByLabelText('Name')).toHaveProperty('readOnly', true);
  });

  it('refuses with the reason and the next step', () => {
    const calls = form({
      offer: { ...OFFER, can: false, refusal: { message: 'It failed.', next: 'Fix the cell.' } }
    });
    expect(screen.getByRole('alert').textContent).toContain('It failed.Fix the cell.');
    expect(screen.queryByRole('button', { name: 'Register' })).toBeNull();
    fireEvent.click(button('Close'));
    expect(calls.onClose).toHaveBeenCalledTimes(1);
  });

  it('shows what the server refuses, and keeps the form', () => {
    form({ error: new ApiError(400, 'usage', "'v1' is not an alias.", 'Use a word.') });
    const alert = screen.getByRole('alert').textContent;
    expect(alert).toContain("'v1' is not an alias.");
    expect(alert).toContain('Your entries are kept.');
    expect(alert).toContain('Use a word.');
    expect(screen.getByLabelText('Name')).toHaveProperty('value', 'diagnosis-gbm');
  });

  it('can be tried again when the offer did not come', () => {
    const calls = form({ offer: null, error: new Error('no answer') });
    fireEvent.click(button('Try again'));
    expect(calls.onRetry).toHaveBeenCalledTimes(1);
    form({ offer: null });
    expect(screen.getByRole('status').textContent).toBe('Loading…');
  });

  it('shows what was made, how to load it, and where it is', () => {
    const onOpenModel = jest.fn();
    const made = aVersion({
      version: '6',
      aliases: ['challenger'],
      uri: 'models:/diagnosis-gbm/6',
      load_code: 'model = mlflow.pyfunc.load_model("models:/diagnosis-gbm/6")'
    });
    const calls = form({ made, onOpenModel });
    expect(screen.getByRole('status').textContent).toBe('✓ diagnosis-gbm version 6 @challenger');
    expect(document.querySelector('pre')?.textContent).toContain('load_model("models:/diagnosis-gbm/6")');
    expect(document.activeElement).toBe(button('Close'));
    fireEvent.click(button('Open model'));
    fireEvent.click(button('Close'));
    expect([onOpenModel.mock.calls.length, calls.onClose.mock.calls.length]).toEqual([1, 1]);
  });

  it('copies the load snippet', async () => {
    const written: string[] = [];
    const clipboard = { writeText: (text: string) => Promise.resolve(void written.push(text)) };
    Object.assign(navigator, { clipboard });
    form({ made: aVersion() });
    fireEvent.click(button('Copy load snippet'));
    expect(await screen.findByRole('button', { name: 'Copied' })).not.toBeNull();
    expect(written[0]).toContain('load_model("models:/diagnosis-gbm/4")');
  });

  it('shows hostile names as text', () => {
    form({
      offer: {
        ...OFFER,
        names: [{ name: HOSTILE, next_version: '2' }],
        will_store: [{ label: HOSTILE, text: HOSTILE }]
      },
      fields: { name: HOSTILE, alias: HOSTILE, description: HOSTILE }
    });
    expect(document.querySelector('img')).toBeNull();
    expect(screen.getByRole('region').textContent).toContain('\\u202e');
  });
});
