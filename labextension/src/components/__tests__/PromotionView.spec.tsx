import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import React from 'react';
import { ApiError } from '../../api/request';
import type { Act } from '../../model/promotion';
import { aDecided, aGate, aPromotion, aRolledBack } from '../../testing/promotions';
import { HOSTILE, trans } from '../../testing/pages';
import { PromotionView } from '../PromotionView';

type Props = React.ComponentProps<typeof PromotionView>;

const FAILED = aPromotion({
  gates: [...aPromotion().gates, aGate(), aGate({ gate: 'not_worse', state: 'not-decidable', holds: true })],
  failing: ['approval']
});
const FIELDS: Props['fields'] = { decision: 'approve', meaning: 'approval', reason: '' };

function view(changes: Partial<Props> = {}): {
  [K in 'onChoose' | 'onOpen' | 'onFill' | 'onSubmit' | 'onRetry' | 'onClose']: jest.Mock;
} {
  const calls = {
    onChoose: jest.fn(),
    onOpen: jest.fn(),
    onFill: jest.fn(),
    onSubmit: jest.fn(),
    onRetry: jest.fn(),
    onClose: jest.fn()
  };
  render(
    <PromotionView
      name="diagnosis-gbm"
      version="4"
      alias="champion"
      aliases={['champion', 'challenger']}
      holder="2"
      answer={aPromotion()}
      isAsking={false}
      asking={null}
      isBusy={false}
      error={null}
      act="promote"
      fields={FIELDS}
      outcome={null}
      hindrance={act => (act === 'override' ? 'passed' : null)}
      hindranceNow={null}
      reproduce={null}
      trans={trans}
      {...calls}
      {...changes}
    />
  );
  return calls;
}

const refused = (act: Act): 'refused' | null => (act === 'promote' ? 'refused' : null);
const button = (name: string): HTMLButtonElement => screen.getByRole('button', { name });
const names = (): (string | null)[] => screen.getAllByRole('button').map(one => one.textContent);

describe('PromotionView', () => {
  it('says which gate is asked, how many have answered, and how old a kept answer is', () => {
    const asking = { ticket: 't', of: 9, gate: 'loads' };
    const [gate] = aPromotion().gates;
    const kept = { ...gate, asked_at: Date.now() / 1000 - 7200 };
    view({ answer: aPromotion({ gates: [kept], asking }), isAsking: true, asking });
    expect(screen.getByRole('status').textContent).toBe('Checking the gate loads…');
    expect(screen.getByRole('heading', { level: 3 }).textContent).toBe('Gates 1 of 9 have answered');
    expect(screen.getByText('asked 2 h ago')).toBeTruthy();
  });

  it('has a button for the next step of a gate where there is one', () => {
    const reproduce = {
      now: null,
      onStart: jest.fn(),
      onCancel: jest.fn(),
      onHide: jest.fn(),
      onOpenRun: null,
      onCompare: null
    };
    const gates = [
      aGate({ gate: 'reproduced', said: 'The run has not been reproduced.', step: 'reproduce' }),
      aGate({ step: 'approve' }),
      aGate({ gate: 'card', step: null })
    ];
    const calls = view({ answer: aPromotion({ gates, failing: ['reproduced'] }), reproduce });
    const items = screen.getAllByRole('listitem');
    expect(items.map(item => within(item).queryAllByRole('button').length)).toEqual([1, 1, 0]);
    fireEvent.click(within(items[0]).getByRole('button', { name: 'Reproduce' }));
    expect(reproduce.onStart).toHaveBeenCalledTimes(1);
    fireEvent.click(within(items[1]).getByRole('button', { name: 'Approve…' }));
    expect(calls.onOpen).toHaveBeenCalledWith('decide');
  });

  it('says which version it is about, who holds the alias, and which others there are', () => {
    const calls = view();
    expect(document.querySelector('.bioml-PromotionName')?.textContent).toBe('diagnosis-gbm@4');
    expect(document.querySelector('.bioml-PromotionHolder')?.textContent).toBe('version 2');
    const alias = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Alias' });
    expect([...alias.options].map(option => option.value)).toEqual(['champion', 'challenger']);
    fireEvent.change(alias, { target: { value: 'challenger' } });
    expect(calls.onChoose).toHaveBeenCalledWith('challenger');
  });

  it.each([
    [null, 'no version'],
    ['4', 'this version']
  ])('says it when %s holds the alias', (holder, words) => {
    view({ holder });
    expect(document.querySelector('.bioml-PromotionHolder')?.textContent).toBe(words);
  });

  it('lists what each gate says, those that refuse first, with the next step and what it saw', () => {
    view({ answer: FAILED, hindrance: refused, hindranceNow: 'refused' });
    const gates = within(screen.getByRole('region', { name: 'Gates 1 of 3 refuses' }));
    expect(gates.getAllByRole('listitem').map(gate => gate.textContent)).toEqual([
      '✗approval fail0 of 1 people have said approval.→ Let somebody approve it.Evidencedecisions–model_sha256ab12',
      '✓metrics pass1 metric within bounds.Evidenceauc0.91',
      expect.stringContaining('?not_worse not decidable; the policy allows it')
    ]);
    expect(document.querySelector('.bioml-GatesPolicy')?.textContent).toContain('bioml-policy.yaml');
  });

  it('cannot promote while a gate refuses, says why, and offers the way past it', () => {
    const calls = view({ answer: FAILED, hindrance: refused, hindranceNow: 'refused' });
    const promote = button('Promote');
    expect(promote.disabled).toBe(true);
    const why = document.getElementById(promote.getAttribute('aria-describedby') ?? '');
    expect(why?.textContent).toBe('Not yet: the gate approval refuses.');
    expect(screen.queryByLabelText('Reason')).toBeNull();
    fireEvent.click(button('Promote anyway…'));
    fireEvent.click(button('Approve…'));
    fireEvent.click(button('Roll back…'));
    fireEvent.click(button('Close'));
    expect(calls.onOpen.mock.calls).toEqual([['override'], ['decide'], ['roll-back']]);
    expect(calls.onClose).toHaveBeenCalledTimes(1);
  });

  it('promotes with an optional reason where no gate refuses', () => {
    const calls = view();
    expect(names()).toEqual(['Close', 'Roll back…', 'Approve…', 'Promote']);
    fireEvent.change(screen.getByLabelText('Reason'), { target: { value: 'site B' } });
    fireEvent.click(button('Promote'));
    expect([calls.onFill.mock.calls, calls.onSubmit.mock.calls.length]).toEqual([
      [[{ reason: 'site B' }]],
      1
    ]);
  });

  it('has the keyboard on a button that is never disabled, so that Escape is heard', () => {
    view({ isBusy: true, hindrance: () => 'busy', hindranceNow: 'busy' });
    expect(document.activeElement).toBe(button('Close'));
    expect([button('Approve…').disabled, button('Promote').disabled]).toEqual([true, true]);
    expect(screen.getByRole('status').textContent).toContain('Working…');
  });

  it('says what cannot be done, and why', () => {
    view({
      hindrance: act => (act === 'roll-back' ? 'no-holder' : 'held'),
      hindranceNow: 'held',
      holder: null
    });
    expect(button('Roll back…').title).toBe('No version holds champion, so there is nothing to roll back.');
    expect(screen.getByText('This version already holds champion.')).not.toBeNull();
    cleanup();
    view({ answer: null, hindrance: () => 'not-known', hindranceNow: 'not-known' });
    expect(screen.getByText('The gates have not been checked.')).not.toBeNull();
    cleanup();
    view({ act: 'override', hindranceNow: 'passed' });
    expect(screen.getByText('All gates pass now: no override is needed.')).not.toBeNull();
  });
});

describe('its forms', () => {
  it('warn that an override is kept for ever, and want a reason', () => {
    const calls = view({ act: 'override', answer: FAILED, hindranceNow: 'words' });
    expect(screen.getByRole('note').textContent).toContain('stays marked permanently');
    expect(document.activeElement).toBe(screen.getByLabelText('Reason'));
    expect([button('Promote anyway').disabled, screen.getByText('Enter a reason.')]).toEqual([
      true,
      expect.anything()
    ]);
    fireEvent.click(button('Back'));
    expect(calls.onOpen).toHaveBeenCalledWith('promote');
  });

  it('take a decision, its meaning and its reason', () => {
    const calls = view({ act: 'decide' });
    expect(document.activeElement).toBe(screen.getByLabelText('Decision'));
    const meanings = document.getElementById(screen.getByLabelText('Meaning').getAttribute('list') ?? '');
    expect([...(meanings?.children ?? [])].map(one => (one as HTMLOptionElement).value)).toEqual([
      'approval',
      'review'
    ]);
    fireEvent.change(screen.getByLabelText('Meaning'), { target: { value: 'review' } });
    fireEvent.change(screen.getByLabelText('Decision'), { target: { value: 'reject' } });
    fireEvent.change(screen.getByLabelText('Reason'), { target: { value: 'looked' } });
    fireEvent.click(button('Approve'));
    expect(calls.onFill.mock.calls).toEqual([
      [{ meaning: 'review' }],
      [{ decision: 'reject' }],
      [{ reason: 'looked' }]
    ]);
    expect(calls.onSubmit).toHaveBeenCalledTimes(1);
    cleanup();
    view({ act: 'decide', fields: { ...FIELDS, decision: 'reject' } });
    expect(screen.queryByLabelText('Meaning')).toBeNull();
    expect(names()).toEqual(['Back', 'Reject']);
    cleanup();
    view({ act: 'decide', fields: { ...FIELDS, meaning: '', reason: 'looked' }, hindranceNow: 'words' });
    expect(screen.getByText('Enter the meaning.')).not.toBeNull();
  });

  it('say where a rollback leads', () => {
    view({ act: 'roll-back' });
    expect(screen.getByRole('note').textContent).toContain(
      'champion goes back to the version that held it before'
    );
    expect(button('Roll back').disabled).toBe(false);
  });

  it('stay as they are when the server refuses', () => {
    const error = new ApiError(409, 'refused', 'Somebody else moves it.', 'Wait a moment.');
    view({ act: 'roll-back', error, fields: { ...FIELDS, reason: 'worse' } });
    const alert = screen.getByRole('alert').textContent;
    expect(alert).toContain('Somebody else moves it. Your entries are kept. Wait a moment.');
    expect(screen.getByLabelText<HTMLInputElement>('Reason').value).toBe('worse');
    expect(screen.queryByText('Try again')).toBeNull();
  });
});

describe('what came of it', () => {
  it('names the old and the new holder, and what else is to be known', () => {
    view({ outcome: { kind: 'rolled-back', answer: aRolledBack({ notes: ['No copy.'] }) } });
    const said = screen.getAllByRole('status')[0];
    expect(said.textContent).toBe('✓ diagnosis-gbm@champion: version 4 → version 1No copy.');
  });

  it('says how the identity of who approved is known', () => {
    view({ outcome: { kind: 'decided', answer: aDecided() } });
    expect(screen.getAllByRole('status')[0].textContent).toContain('the account of the operating system');
  });

  it('is an alert when gates refused', () => {
    view({ outcome: { kind: 'refused', answer: FAILED }, answer: FAILED, hindrance: refused });
    expect(screen.getByRole('alert').textContent).toBe(
      '✗ Not promoted: approval refused. champion was not moved.'
    );
  });
});

describe('without an answer', () => {
  it('shows that the gates are asked, for the first time and again', () => {
    view({ answer: null, isAsking: true });
    expect(screen.getByText('Loading…')).not.toBeNull();
    expect(document.querySelector('.bioml-PromotionHolder')?.textContent).toBe('–');
    cleanup();
    view({ isAsking: true });
    expect(screen.getByRole('status').textContent).toBe('Checking the gates again…');
  });

  it('shows what is wrong, and can be tried again', () => {
    const error = new ApiError(400, 'usage', 'line 4: there is no gate', 'Fix bioml-policy.yaml.');
    const calls = view({ answer: null, aliases: [], alias: '', error });
    expect(screen.getByRole('alert').textContent).toContain('line 4: there is no gate');
    expect(screen.getByRole<HTMLSelectElement>('combobox', { name: 'Alias' }).disabled).toBe(true);
    fireEvent.click(button('Try again'));
    expect(calls.onRetry).toHaveBeenCalledTimes(1);
  });

  it('keeps an alias that the policy does not know in sight', () => {
    view({ answer: null, alias: 'gone', error: new Error('no alias gone') });
    expect(screen.getByRole<HTMLSelectElement>('combobox', { name: 'Alias' }).value).toBe('gone');
  });
});

it('shows hostile names, sentences and evidence as text', () => {
  const gate = aGate({ gate: HOSTILE, said: HOSTILE, next: HOSTILE, evidence: { [HOSTILE]: [HOSTILE] } });
  const answer = aPromotion({ policy: HOSTILE, gates: [gate], failing: [HOSTILE], notes: [HOSTILE] });
  view({
    name: HOSTILE,
    version: HOSTILE,
    alias: HOSTILE,
    holder: HOSTILE,
    answer,
    hindranceNow: 'refused',
    outcome: { kind: 'refused', answer }
  });
  expect(document.querySelector('img')).toBeNull();
  expect(document.body.textContent).not.toContain('\u202e');
});
