import { ApiError } from '../../api/request';
import { aDecided, aGate, aPromotion, aRolledBack } from '../../testing/promotions';
import { type Answer, FakeClient } from '../../testing/client';
import { PromotionModel } from '../promotion';

const VERSION = 'models/diagnosis-gbm/versions/4';

const FAILED = aPromotion({ gates: [aGate()], failing: ['approval'] });

function aModel(answers: Record<string, Answer> = {}, alias = ''): [PromotionModel, FakeClient] {
  const client = new FakeClient({ [`GET ${VERSION}/gates`]: () => aPromotion(), ...answers });
  return [new PromotionModel(client, 'a.ipynb', 'diagnosis-gbm', '4', alias), client];
}

describe('asking the gates', () => {
  it('asks for the policy’s first alias when none is wished for, and knows the others', async () => {
    const [model, client] = aModel();
    expect([model.hindrance('promote'), model.hindrance('decide')]).toEqual(['not-known', null]);
    const loading = model.load();
    expect([model.isAsking, model.hindrance('promote')]).toEqual([true, 'asking']);
    await loading;
    expect(client.calls[0].query).toEqual({ path: 'a.ipynb', alias: undefined });
    expect([model.alias, model.aliases, model.holder]).toEqual(['champion', ['champion', 'challenger'], '2']);
    expect([model.isAsking, model.hindrance('promote')]).toEqual([false, null]);
  });

  it('asks for the alias that is wished for', async () => {
    const [model, client] = aModel({}, 'challenger');
    await model.load();
    expect(client.calls[0].query.alias).toBe('challenger');
  });

  it('forgets what another alias was told, and which question came first', async () => {
    const answers: ((value: unknown) => void)[] = [];
    const [model] = aModel({ [`GET ${VERSION}/gates`]: () => new Promise(resolve => answers.push(resolve)) });
    const first = model.load();
    const second = model.choose('challenger');
    expect([model.answer, model.alias]).toEqual([null, 'challenger']);
    answers[1](aPromotion({ alias: 'challenger', previous: null }));
    await second;
    answers[0](aPromotion());
    await first;
    expect([model.alias, model.holder, model.hindrance('roll-back')]).toEqual([
      'challenger',
      null,
      'no-holder'
    ]);
  });

  it('shows the gates as they answer, and goes on with the ticket until all have', async () => {
    const answers: ((value: unknown) => void)[] = [];
    const [model, client] = aModel({
      [`GET ${VERSION}/gates`]: () => new Promise(resolve => answers.push(resolve))
    });
    const seen: unknown[] = [];
    model.changed.connect(() =>
      seen.push([model.answer?.gates.length ?? null, model.asking?.gate ?? null, model.hindrance('promote')])
    );
    const loading = model.load();
    answers[0](aPromotion({ gates: [], asking: { ticket: 't1', of: 2, gate: 'metrics' } }));
    await Promise.resolve();
    await Promise.resolve();
    answers[1](aPromotion({ asking: { ticket: 't1', of: 2, gate: 'loads' } }));
    await Promise.resolve();
    await Promise.resolve();
    answers[2](FAILED);
    await loading;
    expect(client.calls.map(call => call.query.ticket)).toEqual([undefined, 't1', 't1']);
    expect(seen).toEqual([
      [null, null, 'asking'],
      [0, 'metrics', 'asking'],
      [1, 'loads', 'asking'],
      [1, null, 'asking'],
      [1, null, 'refused']
    ]);
  });

  it('keeps what all of them said until all have answered again, and never a part of the answers', async () => {
    const part = aPromotion({ gates: [], asking: { ticket: 't1', of: 1, gate: 'approval' } });
    const late = new ApiError(503, 'store-unavailable', 'no answer', '');
    const answers: unknown[] = [FAILED, part, late, part, late];
    const [model] = aModel({ [`GET ${VERSION}/gates`]: () => answers.shift() });
    await model.load();
    await model.load();
    expect([model.answer?.failing, model.asking, model.error?.message]).toEqual([
      ['approval'],
      null,
      'no answer'
    ]);
    await model.choose('challenger');
    expect([model.answer, model.hindrance('promote')]).toEqual([null, 'not-known']);
  });

  it('says why they could not be asked, and can ask again', async () => {
    const answers: unknown[] = [new ApiError(400, 'usage', 'line 4: no gate', 'Fix it.'), aPromotion()];
    const [model] = aModel({ [`GET ${VERSION}/gates`]: () => answers.shift() });
    await model.load();
    expect([model.error?.message, model.answer, model.isAsking]).toEqual(['line 4: no gate', null, false]);
    expect(model.hindrance('promote')).toBe('not-known');
    await model.load();
    expect([model.error, model.hindrance('promote')]).toEqual([null, null]);
  });

  it('leaves an answer that comes too late where a newer question failed', async () => {
    const answers: [(value: unknown) => void, (error: Error) => void][] = [];
    const [model] = aModel({
      [`GET ${VERSION}/gates`]: () => new Promise((resolve, reject) => answers.push([resolve, reject]))
    });
    const [first, second] = [model.load(), model.load()];
    answers[0][1](new Error('too late'));
    await first;
    expect([model.error, model.isAsking]).toEqual([null, true]);
    answers[1][0](aPromotion());
    await second;
    expect(model.answer).not.toBeNull();
  });
});

describe('promoting', () => {
  it('moves the alias, with the reason without the spaces around it, and tells who listens', async () => {
    const promoted = aPromotion({ promoted: true, dry_run: false, event: 'e1' });
    const [model, client] = aModel({ [`POST ${VERSION}/promote`]: () => promoted });
    let moved = 0;
    model.moved.connect(() => moved++);
    await model.load();
    model.fill({ reason: ' site B ' });
    const done = model.submit();
    expect(model.hindranceNow).toBe('busy');
    expect(await done).toEqual({ kind: 'promoted', answer: promoted });
    expect(client.of(`POST ${VERSION}/promote`)).toEqual([
      expect.objectContaining({ query: { path: 'a.ipynb' }, body: { alias: 'champion', reason: 'site B' } })
    ]);
    expect([model.holder, model.hindranceNow, model.fields.reason, moved]).toEqual(['4', 'held', '', 1]);
  });

  it('asks the server nothing while a gate refuses', async () => {
    const [model, client] = aModel({ [`GET ${VERSION}/gates`]: () => FAILED });
    await model.load();
    expect([model.hindranceNow, await model.submit()]).toEqual(['refused', null]);
    expect(client.calls).toHaveLength(1);
  });

  it('shows what refused in the meantime, and moves nothing', async () => {
    const [model] = aModel({ [`POST ${VERSION}/promote`]: () => FAILED });
    const moved = jest.fn();
    model.moved.connect(moved);
    await model.load();
    expect((await model.submit())?.kind).toBe('refused');
    expect([model.answer, model.holder, model.hindranceNow]).toEqual([FAILED, '2', 'refused']);
    expect(moved).not.toHaveBeenCalled();
  });

  it('promotes anyway only with a reason, and only where a gate refuses', async () => {
    const [model, client] = aModel({
      [`GET ${VERSION}/gates`]: () => FAILED,
      [`POST ${VERSION}/promote`]: () => ({ ...FAILED, promoted: true, override: 'the board' })
    });
    await model.load();
    model.open('override');
    model.fill({ reason: '  ' });
    expect([model.hindranceNow, await model.submit()]).toEqual(['words', null]);
    model.fill({ reason: 'the board' });
    expect((await model.submit())?.kind).toBe('promoted');
    expect(client.of(`POST ${VERSION}/promote`)[0].body).toEqual({
      alias: 'champion',
      override: 'the board'
    });
    expect([model.act, model.hindrance('override')]).toEqual(['promote', 'held']);
    const [good] = aModel();
    await good.load();
    expect(good.hindrance('override')).toBe('passed');
  });

  it('keeps what was filled in when the server refuses', async () => {
    const refusal = new ApiError(409, 'refused', 'Somebody else moves it.', 'Wait.');
    const [model] = aModel({ [`POST ${VERSION}/promote`]: () => refusal });
    await model.load();
    model.fill({ reason: 'mine' });
    const [one, other] = [model.submit(), model.submit()];
    expect([await one, await other]).toEqual([null, null]);
    expect([model.error, model.fields.reason, model.outcome]).toEqual([refusal, 'mine', null]);
  });

  it('makes an error of whatever was thrown', async () => {
    const [model] = aModel({ [`GET ${VERSION}/gates`]: () => Promise.reject('plain text') });
    await model.load();
    expect(model.error?.message).toBe('plain text');
  });
});

describe('deciding and rolling back', () => {
  it('approves with a meaning and a reason, then asks the gates again', async () => {
    const answers = [FAILED, aPromotion()];
    const [model, client] = aModel({
      [`GET ${VERSION}/gates`]: () => answers.shift(),
      [`POST ${VERSION}/approve`]: () => aDecided()
    });
    await model.load();
    model.open('decide');
    expect([model.fields.meaning, model.hindranceNow]).toEqual(['approval', 'words']);
    model.fill({ reason: 'looked', meaning: ' ' });
    expect(model.hindranceNow).toBe('words');
    model.fill({ meaning: 'review' });
    const outcome = await model.submit();
    expect([outcome?.kind, model.isAsking, model.answer]).toEqual(['decided', true, FAILED]);
    expect(client.of(`POST ${VERSION}/approve`)[0].body).toEqual({
      decision: 'approve',
      reason: 'looked',
      meaning: 'review'
    });
    await Promise.resolve();
    while (model.isAsking) {
      await new Promise(resolve => setTimeout(resolve, 0));
    }
    expect([model.hindrance('promote'), model.outcome?.kind]).toEqual([null, 'decided']);
  });

  it('rejects without a meaning', async () => {
    const [model, client] = aModel({ [`POST ${VERSION}/approve`]: () => aDecided() });
    model.open('decide');
    model.fill({ decision: 'reject', meaning: '', reason: 'leaks' });
    await model.submit();
    expect(client.of(`POST ${VERSION}/approve`)[0].body).toMatchObject({ decision: 'reject', meaning: null });
  });

  it('rolls back, and tells who listens', async () => {
    const [model, client] = aModel({ 'POST models/diagnosis-gbm/rollback': () => aRolledBack() });
    const moved = jest.fn();
    model.moved.connect(moved);
    await model.load();
    model.open('roll-back');
    expect(model.hindranceNow).toBeNull();
    expect((await model.submit())?.kind).toBe('rolled-back');
    expect(client.of('POST models/diagnosis-gbm/rollback')[0].body).toEqual({
      alias: 'champion',
      reason: ''
    });
    expect([model.holder, moved.mock.calls.length]).toEqual(['1', 1]);
  });

  it('forgets what was filled in when a form is closed', () => {
    const [model] = aModel();
    model.open('decide');
    model.fill({ reason: 'half of a' });
    model.open('promote');
    expect([model.act, model.fields.reason]).toEqual(['promote', '']);
  });
});
