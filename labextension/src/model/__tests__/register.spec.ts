import { ApiError } from '../../api/request';
import type { RegisterOffer } from '../../api/wire';
import { aVersion } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { RegisterModel } from '../register';

const OFFER: RegisterOffer = {
  can: true,
  refusal: null,
  suggested_name: 'diagnosis-gbm',
  names: [{ name: 'diagnosis-gbm', next_version: '6' }],
  aliases: ['challenger'],
  will_store: [{ label: 'Model', text: 'clf' }]
};

function aModel(post: () => unknown, offer: () => unknown = () => OFFER): [RegisterModel, FakeClient] {
  const client = new FakeClient({ 'GET runs/r1/register': offer, 'POST runs/r1/register': post });
  return [new RegisterModel(client, 'a.ipynb', 'r1'), client];
}

describe('RegisterModel', () => {
  it('is filled in with the suggested name, so that one click registers', async () => {
    const [model, client] = aModel(() => aVersion({ version: '6' }));
    expect(model.canSubmit).toBe(false);
    await model.load();
    expect([model.fields.name, model.nextVersion, model.canSubmit]).toEqual(['diagnosis-gbm', '6', true]);
    expect((await model.submit())?.version).toBe('6');
    expect(client.of('POST runs/r1/register')).toEqual([
      expect.objectContaining({
        query: { path: 'a.ipynb' },
        body: { name: 'diagnosis-gbm', alias: null, description: '' }
      })
    ]);
  });

  it('sends what was filled in, without the spaces around it', async () => {
    const [model, client] = aModel(() => aVersion());
    await model.load();
    model.fill({ name: ' new ', alias: ' champion ', description: ' kept as it is ' });
    expect(model.nextVersion).toBe('1');
    await model.submit();
    expect(client.of('POST runs/r1/register')[0].body).toEqual({
      name: 'new',
      alias: 'champion',
      description: ' kept as it is '
    });
  });

  it('registers nothing without a name, or against a refusal', async () => {
    const [model, client] = aModel(() => aVersion());
    await model.load();
    model.fill({ name: '   ' });
    expect([model.nextVersion, await model.submit()]).toEqual([null, null]);
    const refusal = { message: 'It failed.', next: 'Fix the cell.' };
    const [refused, other] = aModel(
      () => aVersion(),
      () => ({ ...OFFER, can: false, refusal })
    );
    await refused.load();
    expect(await refused.submit()).toBeNull();
    expect([...client.of('POST runs/r1/register'), ...other.of('POST runs/r1/register')]).toEqual([]);
  });

  it('registers once, however often it is asked to', async () => {
    const [model, client] = aModel(() => aVersion());
    await model.load();
    const [first, second] = [model.submit(), model.submit()];
    expect(model.busy).not.toBeNull();
    expect(await first).toBe(await second);
    expect(client.of('POST runs/r1/register')).toHaveLength(1);
    expect(model.busy).toBeNull();
  });

  it('keeps what was filled in when the server refuses, and can be tried again', async () => {
    const answers = [new ApiError(400, 'usage', 'No alias.', 'Use letters.'), aVersion()];
    const [model] = aModel(() => answers.shift());
    await model.load();
    model.fill({ alias: 'v1' });
    expect(await model.submit()).toBeNull();
    expect([model.error?.message, model.fields.alias, model.canSubmit]).toEqual(['No alias.', 'v1', true]);
    expect(await model.submit()).not.toBeNull();
    expect(model.error).toBeNull();
  });

  it('can be loaded again after the server did not answer, and tells who listens', async () => {
    const answers: unknown[] = [new ApiError(0, 'no-answer', 'Gone.', 'Is it running?'), OFFER];
    const [model] = aModel(
      () => aVersion(),
      () => answers.shift()
    );
    let told = 0;
    model.changed.connect(() => told++);
    model.fill({ name: 'mine' });
    await model.load();
    expect(model.error?.message).toBe('Gone.');
    await model.load();
    expect([model.error, model.fields.name, told]).toEqual([null, 'mine', 3]);
  });
});
