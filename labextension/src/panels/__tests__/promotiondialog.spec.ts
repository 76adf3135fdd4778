import '../../testing/browser';
import { fireEvent, waitFor, within } from '@testing-library/dom';
import { PromotionModel } from '../../model/promotion';
import { FakeClient } from '../../testing/client';
import { trans } from '../../testing/pages';
import { aDecided, aGate, aPromotion } from '../../testing/promotions';
import type { FormDialog } from '../formdialog';
import { promotionDialog } from '../promotiondialog';

const VERSION = 'models/diagnosis-gbm/versions/4';

let closed: Promise<unknown>;
let dialog: FormDialog;

async function open(client: FakeClient): Promise<PromotionModel> {
  const model = new PromotionModel(client, 'a.ipynb', 'diagnosis-gbm', '4');
  dialog = promotionDialog(model, 'Promote a model', null, trans);
  closed = dialog.launch();
  await model.load();
  return model;
}

/** Press a button; the test's browser never shows a dialog as open. */
const press = async (name: string): Promise<void> => {
  const button = await within(dialog.node).findByRole('button', { name, hidden: true });
  fireEvent.click(button);
};

describe('the promotion dialog', () => {
  afterEach(async () => {
    dialog.reject();
    await closed;
  });

  it('leads from a refusal over an approval to a promotion, and stays open', async () => {
    const answers = [aPromotion({ gates: [aGate()], failing: ['approval'] }), aPromotion()];
    const client = new FakeClient({
      [`GET ${VERSION}/gates`]: () => answers.shift(),
      [`POST ${VERSION}/approve`]: () => aDecided(),
      [`POST ${VERSION}/promote`]: () => aPromotion({ promoted: true })
    });
    await open(client);
    await waitFor(() => expect(dialog.node.textContent).toContain('Not yet: the gate approval refuses.'));
    await press('Approve…');
    const reason = await within(dialog.node).findByLabelText('Reason');
    fireEvent.change(reason, { target: { value: 'looked' } });
    await press('Approve');
    await waitFor(() => expect(dialog.node.textContent).toContain('1 approval counts now.'));
    await waitFor(() => expect(dialog.node.textContent).toContain('none refuses'));
    await press('Promote');
    await waitFor(() => expect(dialog.node.textContent).toContain('version 2 → version 4'));
    expect(dialog.isDisposed).toBe(false);
    await press('Close');
    await closed;
    expect(dialog.isDisposed).toBe(true);
  });

  it('keeps the keyboard when the button in use has gone', async () => {
    const refusing = { gates: [aGate({ step: 'approve' })], failing: ['approval'] };
    const answers = [aPromotion(refusing), aPromotion()];
    const model = await open(new FakeClient({ [`GET ${VERSION}/gates`]: () => answers.shift() }));
    const gate = await within(dialog.node).findByText('approval', { selector: 'li *' });
    const used = within(gate.closest('li') as HTMLElement).getByRole('button', {
      name: 'Approve…',
      hidden: true
    });
    await waitFor(() => expect(document.activeElement?.textContent).toBe('Close'));
    used.focus();
    expect(document.activeElement).toBe(used);
    await model.load();
    await waitFor(() => expect(dialog.node.textContent).toContain('none refuses'));
    expect(used.isConnected).toBe(false);
    await waitFor(() => expect(document.activeElement?.textContent).toBe('Close'));
  });

  it('asks the gates of another alias, and again after a failure', async () => {
    const answers = [
      aPromotion(),
      new Error('MLflow is away.'),
      aPromotion({ alias: 'challenger', previous: null })
    ];
    const client = new FakeClient({ [`GET ${VERSION}/gates`]: () => answers.shift() });
    await open(client);
    const alias = await within(dialog.node).findByLabelText('Alias');
    fireEvent.change(alias, { target: { value: 'challenger' } });
    await press('Try again');
    await waitFor(() => expect(dialog.node.textContent).toContain('Held byno version'));
    expect(client.calls.map(call => call.query.alias)).toEqual([undefined, 'challenger', 'challenger']);
  });

  it('leaves Enter and arrows to its fields, and closes by Escape', async () => {
    await open(new FakeClient({ [`GET ${VERSION}/gates`]: () => aPromotion() }));
    const field = await within(dialog.node).findByLabelText('Reason');
    for (const key of ['Enter', 'ArrowLeft', 'Tab']) {
      expect(fireEvent.keyDown(field, { key, keyCode: 0 })).toBe(true);
    }
    expect(dialog.isDisposed).toBe(false);
    fireEvent.keyDown(field, { key: 'Escape', keyCode: 27 });
    await closed;
    expect(dialog.isDisposed).toBe(true);
  });
});
