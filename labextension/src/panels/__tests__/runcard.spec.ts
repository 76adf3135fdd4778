import '../../testing/browser';
import { MimeModel, standardRendererFactories, RenderMimeRegistry } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';
import { aPage, aRow } from '../../testing/builders';
import { FakeClient, type Answer } from '../../testing/client';
import { aDetail, trans } from '../../testing/pages';
import { NotebookRuns } from '../../model/notebookruns';
import { CARD_MIME, RunCardOutput } from '../runcard';

const RECORD = 'a'.repeat(32);
const HTML =
  '<div style="font-size:13px" onclick="hacked()"><strong>gbm</strong><img src=x onerror="hacked()"></div>';

const open: { dispose(): void }[] = [];

async function output(data: object, answers: Record<string, Answer>, trusted = true): Promise<RunCardOutput> {
  const runs = new NotebookRuns(new FakeClient(answers), 'a.ipynb');
  const rendermime = new RenderMimeRegistry({ initialFactories: standardRendererFactories });
  rendermime.addFactory(
    {
      safe: true,
      mimeTypes: [CARD_MIME],
      createRenderer: options =>
        new RunCardOutput(
          options,
          () => runs,
          () => ({ open: null, compare: null, register: null, reproduce: null, restart: null }),
          null,
          trans
        )
    },
    40
  );
  const bundle = data as { [type: string]: string };
  expect(rendermime.preferredMimeType(bundle, trusted ? 'any' : 'ensure')).toBe(CARD_MIME);
  const widget = rendermime.createRenderer(CARD_MIME) as RunCardOutput;
  Widget.attach(widget, document.body);
  open.push(widget, runs);
  await widget.renderModel(new MimeModel({ data: bundle, trusted }));
  return widget;
}

const bundle = (record: unknown): object => ({
  [CARD_MIME]: { record_id: record },
  'text/html': HTML,
  'text/plain': '● gbm'
});

const answering = (row = {}): Record<string, Answer> => ({
  'GET runs': () => aPage([aRow({ record_id: RECORD, ...row })]),
  [`GET runs/${RECORD}`]: () => aDetail()
});

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !holds(); turn++) {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  expect(holds()).toBe(true);
}

const text = (widget: Widget): string =>
  [...widget.node.children]
    .filter(child => !child.classList.contains('lm-mod-hidden'))
    .map(child => child.textContent)
    .join('');

describe('RunCardOutput', () => {
  afterEach(() => open.splice(0).forEach(one => one.dispose()));

  it.each([true, false])('fills itself from the server (trusted notebook: %s)', async trusted => {
    const widget = await output(bundle(RECORD), answering(), trusted);
    expect(text(widget)).toBe('gbm');
    await until(() => text(widget).includes('● finished'));
    expect(text(widget)).toContain('auc 0.9931');
    expect(text(widget)).not.toContain('gbmgbm');
  });

  it('shows the state of the list, which is newer than the detail', async () => {
    const widget = await output(bundle(RECORD), answering({ state: 'KILLED', name: 'renamed' }));
    await until(() => text(widget).includes('renamed'));
    expect(text(widget)).toContain('killed');
  });

  it.each([true, false])(
    'keeps the text of the notebook, sanitized, where no server answers (trusted: %s)',
    async trusted => {
      const gone: Answer = () => new Error('no answer');
      const widget = await output(
        bundle(RECORD),
        { 'GET runs': gone, [`GET runs/${RECORD}`]: gone },
        trusted
      );
      await new Promise(resolve => setTimeout(resolve, 100));
      expect(text(widget)).toBe('gbm');
      expect(widget.node.querySelector('[onclick], [onerror]')).toBeNull();
      expect(widget.node.querySelector('strong')).not.toBeNull();
    }
  );

  it.each([null, 7, '../../etc', 'A'.repeat(32), RECORD + '0'])(
    'asks nothing for the record %p',
    async record => {
      const asked: string[] = [];
      const note: Answer = call => asked.push(call.path);
      const widget = await output(bundle(record), { 'GET runs': note });
      await new Promise(resolve => setTimeout(resolve, 50));
      expect([text(widget), asked]).toEqual(['gbm', []]);
    }
  );

  it('shows plain text where there is no HTML', async () => {
    const widget = await output({ [CARD_MIME]: {}, 'text/plain': '● <b>gbm</b>' }, {});
    expect(text(widget)).toBe('● <b>gbm</b>');
  });

  it('can be drawn again, with another run', async () => {
    const widget = await output(bundle(RECORD), answering());
    await until(() => text(widget).includes('finished'));
    await widget.renderModel(new MimeModel({ data: { [CARD_MIME]: {}, 'text/plain': 'other' } }));
    expect(text(widget)).toBe('other');
  });
});
