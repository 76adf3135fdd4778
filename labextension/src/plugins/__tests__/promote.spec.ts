import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { type ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { fireEvent, waitFor } from '@testing-library/dom';
import { Connection } from '../../model/connection';
import { aModel, aVersion } from '../../testing/builders';
import { type Answer, FakeClient } from '../../testing/client';
import { aPromotion } from '../../testing/promotions';
import type { IPromotionDialog } from '../../tokens';
import { PROMOTE, promotePlugin } from '../promote';

const VERSION = 'models/diagnosis-gbm/versions/4';

function start(answers: Record<string, Answer> = {}): {
  dialog: IPromotionDialog;
  commands: CommandRegistry;
  client: FakeClient;
  touched: jest.Mock;
  addItem: jest.Mock;
} {
  const client = new FakeClient({
    [`GET ${VERSION}/gates`]: () => aPromotion(),
    [`POST ${VERSION}/promote`]: () => aPromotion({ promoted: true }),
    'GET models': () => [aModel({ versions: [aVersion({ version: '5' }), aVersion()] })],
    ...answers
  });
  const connection = new Connection(client);
  const touched = jest.fn();
  connection.touched.connect(touched);
  const commands = new CommandRegistry();
  const contents = { localPath: (path: string) => path.replace('RTC:', '') };
  const app = { commands, serviceManager: { contents } } as unknown as JupyterFrontEnd;
  const addItem = jest.fn();
  const notebooks = { currentWidget: { context: { path: 'RTC:a.ipynb' } } };
  const dialog = promotePlugin.activate(
    app,
    connection,
    nullTranslator,
    { addItem } as unknown as ICommandPalette,
    notebooks as unknown as INotebookTracker
  ) as IPromotionDialog;
  return { dialog, commands, client, touched, addItem };
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

describe('promoting in JupyterLab', () => {
  const emit = jest.spyOn(Notification, 'emit').mockReturnValue('id');
  const error = jest.spyOn(Notification, 'error').mockReturnValue('id');
  const info = jest.spyOn(Notification, 'info').mockReturnValue('id');

  beforeEach(() => jest.clearAllMocks());
  afterAll(() => jest.restoreAllMocks());

  it('tells the other parts that an alias moved, at once', async () => {
    const { dialog, touched, client } = start();
    const opened = dialog.open('diagnosis-gbm', '4', 'a.ipynb', 'champion');
    await press('Promote');
    await waitFor(() => expect(touched).toHaveBeenCalledTimes(1));
    await press('Close');
    await opened;
    expect(client.calls[0].query).toEqual({ path: 'a.ipynb', alias: 'champion' });
    expect(emit).not.toHaveBeenCalled();
  });

  it('says later what came of it when the dialog was closed meanwhile', async () => {
    let answer: (promotion: unknown) => void = () => undefined;
    const { dialog, touched } = start({
      [`POST ${VERSION}/promote`]: () => new Promise(resolve => (answer = resolve))
    });
    const opened = dialog.open('diagnosis-gbm', '4', 'a.ipynb');
    await press('Promote');
    await press('Close');
    answer(aPromotion({ promoted: true }));
    await opened;
    expect(emit).toHaveBeenCalledWith('diagnosis-gbm@champion: version 2 → version 4', 'success', {
      autoClose: undefined
    });
    expect(touched).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['a refusal', aPromotion({ failing: ['card'] }), emit],
    ['a failure', new Error('MLflow is away.'), error]
  ])('says %s later, until it is read', async (_, came, said) => {
    let answer: (value: unknown) => void = () => undefined;
    const { dialog, touched } = start({
      [`POST ${VERSION}/promote`]: () => new Promise(resolve => (answer = resolve))
    });
    const opened = dialog.open('diagnosis-gbm', '4', 'a.ipynb');
    await press('Promote');
    await press('Close');
    answer(came);
    await opened;
    expect(said).toHaveBeenCalledTimes(1);
    expect(said.mock.calls[0].at(-1)).toMatchObject({ autoClose: 30_000 });
    expect(touched).not.toHaveBeenCalled();
  });

  it('is in the palette, and asks there which version is meant', async () => {
    const { commands, client, addItem } = start();
    expect(addItem).toHaveBeenCalledWith({ command: PROMOTE, category: 'Experiments' });
    const done = commands.execute(PROMOTE);
    await waitFor(() => expect(document.querySelector('.jp-Dialog select')).not.toBeNull());
    const select = document.querySelector<HTMLSelectElement>('.jp-Dialog select');
    expect([...(select?.options ?? [])].map(one => one.text)).toEqual(['diagnosis-gbm@5', 'diagnosis-gbm@4']);
    fireEvent.change(select as HTMLSelectElement, { target: { value: 'diagnosis-gbm@4' } });
    await press('Show gates');
    await press('Close');
    await done;
    expect(client.calls.map(call => [call.path, call.query.path])).toEqual([
      ['models', 'a.ipynb'],
      [`${VERSION}/gates`, 'a.ipynb']
    ]);
  });

  it('tells versions apart whose names begin alike', async () => {
    const long = 'x'.repeat(200);
    const versions = [aVersion({ name: `${long}1${long}` }), aVersion({ name: `${long}2${long}` })];
    const { commands, client } = start({
      'GET models': () => [aModel({ versions })],
      [`GET models/${long}2${long}/versions/4/gates`]: () => aPromotion()
    });
    const done = commands.execute(PROMOTE);
    await waitFor(() => expect(document.querySelector('.jp-Dialog select')).not.toBeNull());
    const select = document.querySelector<HTMLSelectElement>('.jp-Dialog select');
    const [, second] = [...(select?.options ?? [])].map(one => one.text);
    expect(second).toMatch(/…x{6}@4 \(2\)$/);
    fireEvent.change(select as HTMLSelectElement, { target: { value: second } });
    await press('Show gates');
    await press('Close');
    await done;
    expect(client.calls[1].path).toBe(`models/${long}2${long}/versions/4/gates`);
  });

  it('takes the version that it is told', async () => {
    const { commands, client } = start();
    const done = commands.execute(PROMOTE, { name: 'diagnosis-gbm', version: '4', path: 'b.ipynb' });
    await press('Close');
    await done;
    expect(client.calls.map(call => call.query.path)).toEqual(['b.ipynb']);
  });

  it('says when there is no model, and when that cannot be known', async () => {
    await start({ 'GET models': () => [] }).commands.execute(PROMOTE);
    expect(info).toHaveBeenCalledWith('No models are registered yet.', { autoClose: 30_000 });
    await start({ 'GET models': () => new Error('MLflow is away.') }).commands.execute(PROMOTE);
    expect(error.mock.calls[0][0]).toBe('MLflow is away.');
    expect(document.querySelector('.jp-Dialog')).toBeNull();
  });
});
