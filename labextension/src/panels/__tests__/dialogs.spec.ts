import '../../testing/browser';
import { Widget } from '@lumino/widgets';
import { fireEvent, waitFor, within } from '@testing-library/dom';
import { RegisterModel } from '../../model/register';
import { ApiError } from '../../api/request';
import { aVersion } from '../../testing/builders';
import { type Answer, FakeClient } from '../../testing/client';
import { HOSTILE, trans } from '../../testing/pages';
import { TextBody } from '../note';
import { paragraphs } from '../paragraphs';
import type { FormDialog } from '../formdialog';
import { registerDialog } from '../registerdialog';

const OFFER = {
  can: true,
  refusal: null,
  suggested_name: 'diagnosis-gbm',
  names: [],
  aliases: [],
  will_store: []
};

let closed: Promise<unknown>;
let dialog: FormDialog;

/** The form of a run whose server answers with these. */
async function open(post: Answer, onOpenModel: (() => void) | null = null): Promise<RegisterModel> {
  const client = new FakeClient({ 'GET runs/r1/register': () => OFFER, 'POST runs/r1/register': post });
  const model = new RegisterModel(client, 'a.ipynb', 'r1');
  dialog = registerDialog(model, 'Register a model', onOpenModel, trans);
  await model.load();
  closed = dialog.launch();
  await within(document.body).findByLabelText('Name');
  return model;
}

/** Press a button; the test's browser never shows a dialog as open. */
const press = async (name: string): Promise<void> => {
  const button = await within(dialog.node).findByRole('button', { name, hidden: true });
  fireEvent.click(button);
};

describe('the register dialog', () => {
  afterEach(async () => {
    dialog.reject();
    await closed;
  });

  it('is named, and has the keyboard in the first field', async () => {
    await open(() => aVersion());
    expect(within(dialog.node).getByText('Register a model')).toBeTruthy();
    await waitFor(() => expect(document.activeElement).toBe(within(dialog.node).getByLabelText('Name')));
  });

  it('stays open when the version is made, and says how to load it', async () => {
    const model = await open(() => aVersion({ version: '6' }));
    await press('Register');
    await waitFor(() => expect(dialog.node.textContent).toContain('diagnosis-gbm version 6'));
    expect(dialog.node.textContent).toContain('load_model');
    expect([model.made?.version, dialog.isDisposed]).toEqual(['6', false]);
    await press('Close');
    await closed;
    expect(dialog.isDisposed).toBe(true);
  });

  it('stays open when the server refuses, with what was filled in', async () => {
    const model = await open(() => new ApiError(409, 'x', 'MLflow is away.', 'Start it.'));
    fireEvent.change(within(dialog.node).getByLabelText('Name'), { target: { value: 'mine' } });
    await press('Register');
    await waitFor(() => expect(dialog.node.textContent).toContain('MLflow is away.'));
    expect(within(dialog.node).getByLabelText<HTMLInputElement>('Name').value).toBe('mine');
    expect(model.made).toBeNull();
  });

  it('closes before it shows the model in the list', async () => {
    const onOpenModel = jest.fn(() => expect(dialog.isAttached).toBe(false));
    await open(() => aVersion(), onOpenModel);
    await press('Register');
    await press('Open model');
    await closed;
    expect(onOpenModel).toHaveBeenCalledTimes(1);
  });

  it('leaves Enter and arrows to the form, and closes by Escape', async () => {
    await open(() => aVersion());
    const field = within(dialog.node).getByLabelText('Name');
    for (const key of ['Enter', 'ArrowLeft', 'ArrowRight', 'Tab']) {
      expect(fireEvent.keyDown(field, { key, keyCode: 0 })).toBe(true);
    }
    expect(dialog.isDisposed).toBe(false);
    fireEvent.keyDown(field, { key: 'Escape', keyCode: 27 });
    await closed;
    expect(dialog.isDisposed).toBe(true);
  });
});

describe('the body of a note', () => {
  it('has the text as it is, under a name, and gives back what was written', () => {
    const body = new TextBody(`two\nlines ${HOSTILE}`, 'Note', 'Markdown.');
    const area = within(body.node).getByRole<HTMLTextAreaElement>('textbox', { name: 'Note' });
    expect(area.value).toBe(`two\nlines ${HOSTILE}`);
    expect(body.node.querySelector('img')).toBeNull();
    area.value = '';
    expect(body.getValue()).toBe('');
  });
});

it('paragraphs are text, one below the other', () => {
  const body: Widget = paragraphs(['Delete?', HOSTILE]);
  const texts = [...body.node.children].map(child => [child.tagName, child.textContent]);
  expect(texts).toEqual([
    ['P', 'Delete?'],
    ['P', HOSTILE]
  ]);
  expect(body.node.querySelector('img')).toBeNull();
});
