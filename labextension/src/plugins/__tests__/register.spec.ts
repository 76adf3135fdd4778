import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { fireEvent, waitFor } from '@testing-library/dom';
import { Connection } from '../../model/connection';
import { aVersion } from '../../testing/builders';
import { type Answer, FakeClient } from '../../testing/client';
import { HOSTILE } from '../../testing/pages';
import type { IRegisterForm } from '../../tokens';
import { REGISTER, registerPlugin } from '../register';

const OFFER = {
  can: true,
  refusal: null,
  suggested_name: 'diagnosis-gbm',
  names: [],
  aliases: [],
  will_store: []
};

function start(post: Answer): {
  form: IRegisterForm;
  commands: CommandRegistry;
  client: FakeClient;
  touched: jest.Mock;
} {
  const client = new FakeClient({ 'GET runs/r1/register': () => OFFER, 'POST runs/r1/register': post });
  const connection = new Connection(client);
  const touched = jest.fn();
  connection.touched.connect(touched);
  const commands = new CommandRegistry();
  const app = { commands } as unknown as JupyterFrontEnd;
  const form = registerPlugin.activate(app, connection, nullTranslator) as IRegisterForm;
  return { form, commands, client, touched };
}

/** Press a button of the dialog, once it can be pressed. */
async function press(label: string): Promise<void> {
  const find = (): HTMLButtonElement | undefined =>
    [...document.querySelectorAll<HTMLButtonElement>('.jp-Dialog button')].find(
      one => one.textContent === label && !one.disabled
    );
  await waitFor(() => expect(find()).toBeDefined());
  fireEvent.click(find() as HTMLButtonElement);
}

describe('the register form', () => {
  const success = jest.spyOn(Notification, 'success').mockReturnValue('id');
  const error = jest.spyOn(Notification, 'error').mockReturnValue('id');

  beforeEach(() => jest.clearAllMocks());
  afterAll(() => jest.restoreAllMocks());

  it('says what was made, and tells the other parts', async () => {
    const { form, touched } = start(() => aVersion({ version: '6' }));
    const opened = form.open('r1', 'a.ipynb');
    await press('Register');
    await press('Close');
    expect(await opened).toEqual({ name: 'diagnosis-gbm', version: '6' });
    expect(touched).toHaveBeenCalledTimes(1);
    expect(success).not.toHaveBeenCalled();
  });

  it('makes nothing when it is cancelled', async () => {
    const { form, client, touched } = start(() => aVersion());
    const opened = form.open('r1', 'a.ipynb');
    await press('Cancel');
    expect(await opened).toBeNull();
    expect(client.of('POST runs/r1/register')).toEqual([]);
    expect(touched).not.toHaveBeenCalled();
  });

  it('says later what came of a registration whose dialog was closed meanwhile', async () => {
    let answer: (version: unknown) => void = () => undefined;
    const { form, touched } = start(() => new Promise(resolve => (answer = resolve)));
    const opened = form.open('r1', 'a.ipynb');
    await press('Register');
    await press('Cancel');
    answer(aVersion({ version: '7' }));
    expect(await opened).toEqual({ name: 'diagnosis-gbm', version: '7' });
    expect(success).toHaveBeenCalledWith('Registered: diagnosis-gbm version 7');
    expect(touched).toHaveBeenCalledTimes(1);
  });

  it('says a name that was made to deceive as the text that it is, and the version after it', async () => {
    let answer: (version: unknown) => void = () => undefined;
    const { form } = start(() => new Promise(resolve => (answer = resolve)));
    const opened = form.open('r1', 'a.ipynb');
    await press('Register');
    await press('Cancel');
    answer(aVersion({ name: HOSTILE, version: '7' }));
    await opened;
    const [text] = success.mock.calls[0];
    expect(text).toMatch(
      /^Registered: <img src=x onerror="window.hacked=true">\\u202e\\x00 🧬 x+… version 7$/u
    );
    expect(text.length).toBeLessThanOrEqual(140);
  });

  it('says later what went wrong, until it is read', async () => {
    let answer: (failure: Error) => void = () => undefined;
    const { form } = start(() => new Promise(resolve => (answer = resolve)));
    const opened = form.open('r1', 'a.ipynb');
    await press('Register');
    await press('Cancel');
    answer(new Error('MLflow is away.'));
    expect(await opened).toBeNull();
    expect(error).toHaveBeenCalledWith('MLflow is away.', { autoClose: 30_000, actions: [] });
  });

  it('is opened by its command, for a run that is named', async () => {
    const { commands, client } = start(() => aVersion());
    expect(await commands.execute(REGISTER, {})).toBeNull();
    expect(client.calls).toEqual([]);
    const opened = commands.execute(REGISTER, { id: 'r1', path: 'a.ipynb' });
    await press('Cancel');
    await opened;
    expect(client.of('GET runs/r1/register')[0].query).toMatchObject({ path: 'a.ipynb' });
  });
});
