import { aDataUse, aDetail, HOSTILE, trans } from '../../testing/pages';
import { aRow } from '../../testing/builders';
import { cardView } from '../card';

const texts = (figures: { key: string; text: string }[]): string[] =>
  figures.map(one => `${one.key} ${one.text}`);

describe('cardView', () => {
  it('shows the last value of each metric, and the change against the previous run', () => {
    const view = cardView(
      aDetail({
        row: { metrics: { auc: 0.9931, loss: 0.5 } },
        record: {
          metrics: [
            { key: 'auc', value: 0.9 },
            { key: 'auc', value: 0.9931 }
          ]
        }
      }),
      trans
    );
    expect(texts(view.metrics)).toEqual(['auc 0.9931', 'loss 0.5']);
    expect(view.metrics[0].change).toBe('▲ +0.0042');
    expect(view.metrics[1].change).toBeNull();
  });

  it('begins with what is read first, and marks what is only known as it was printed', () => {
    const scores = [
      { key: 'loss', value: 0.1, origin: 'loss', count: 50 },
      { key: 'accuracy', value: 0.9, origin: 'printed', source: 'Accuracy', digits: 2 },
      { key: 'auc', value: 0.9931, origin: 'returned', source: 'm.roc_auc_score' }
    ];
    const row = { metrics: { loss: 0.1, accuracy: 0.9, auc: 0.9931 } };
    const previous = aRow({ metrics: { accuracy: 0.8942 } });
    const { metrics } = cardView(aDetail({ row, record: { scores }, previous }), trans);
    expect(texts(metrics)).toEqual(['accuracy 0.90', 'auc 0.9931', 'loss 0.1']);
    expect(metrics.map(one => one.printed)).toEqual([true, false, false]);
    expect(metrics[0].change).toBe('▲ +0.01');
    expect(metrics[1].full).toBe('auc = 0.9931 · returned by m.roc_auc_score');
  });

  it('counts values only where there is nothing else', () => {
    const values = { n: 3, scale: 1.5 };
    expect(cardView(aDetail({ row: { metrics: {} }, record: { values } }), trans).values).toBe(2);
    expect(cardView(aDetail({ record: { values } }), trans).values).toBe(0);
  });

  it('says NaN where the last value was none', () => {
    const record = { metrics: [{ key: 'auc', value: { $float: 'NaN' as const } }] };
    expect(texts(cardView(aDetail({ row: { metrics: {} }, record }), trans).metrics)).toEqual(['auc NaN']);
  });

  it('shows the metrics that were asked for, in their order', () => {
    const row = { metrics: { a: 1, b: 2, c: 3 } };
    const view = cardView(aDetail({ row, record: { compared: ['c', 'gone', 'a'] } }), trans);
    expect(texts(view.metrics)).toEqual(['c 3', 'a 1']);
  });

  it('leaves timings out unless there is nothing else', () => {
    const both = aDetail({ row: { metrics: { 'timing.fit': 1.5, auc: 0.5 } } });
    expect(texts(cardView(both, trans).metrics)).toEqual(['auc 0.5']);
    const only = aDetail({ row: { metrics: { 'timing.fit': 1.5 } } });
    expect(texts(cardView(only, trans).metrics)).toEqual(['timing.fit 1.5']);
  });

  it('counts what it does not show', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`m${index}`, index]));
    const view = cardView(aDetail({ row: { metrics: many }, record: { params: many } }), trans);
    expect([view.metrics.length, view.moreMetrics, view.params.length, view.moreParams]).toEqual([
      4, 5, 4, 5
    ]);
  });

  it('shows each kind of parameter, long ones cut', () => {
    const params = { rate: 0.1, name: 'x'.repeat(50), on: true, none: null };
    const view = cardView(aDetail({ record: { params } }), trans);
    expect(texts(view.params)).toEqual(['rate 0.1', `name ${'x'.repeat(23)}…`, 'on True', 'none None']);
    expect(view.params[1].full).toBe(`name = ${'x'.repeat(50)}`);
  });

  it('names the data the cell read, with the beginning of its digest', () => {
    const data = [aDataUse({ name: '/data/cohort.csv' }), aDataUse({ role: 'written', name: 'out.csv' })];
    expect(cardView(aDetail({ record: { data } }), trans).data).toEqual(['cohort.csv a41c…', 'unchanged']);
    const changed = aDetail({ record: { data }, row: { data_changed: true } });
    expect(cardView(changed, trans).data[1]).toBe('data changed since the previous run');
  });

  it('says what is amiss with data', () => {
    const cases = [
      aDataUse({ digest: null }),
      aDataUse({ changed_since: true }),
      aDataUse({ digest_after: 'b'.repeat(32) })
    ];
    const said = cases.map(use => {
      const detail = aDetail({ record: { data: [use] }, row: { published: false, data_changed: null } });
      return cardView(detail, trans).data;
    });
    expect(said).toEqual([
      ['cohort.csv (not hashed yet)'],
      ['cohort.csv a41c… (changed since it was read)'],
      ['cohort.csv a41c… (changed in the cell)']
    ]);
  });

  it('names what a reproduction saw untracked cells read', () => {
    const reads = [aDataUse({ name: 'data/cohort.csv' }), aDataUse({ name: 'b' }), aDataUse({ name: 'c' })];
    const verdict = {
      kind: 'verdict',
      at: 1,
      state: 'REPRODUCED',
      summary: { before_tracking: { cells: 1, reads, left_out: 0 } }
    };
    expect(cardView(aDetail({ record: { reports: [verdict] } }), trans).data).toEqual([
      'read before tracking (seen by its reproduction): cohort.csv, b + 1 more'
    ]);
  });

  it('names the data of earlier cells only where the cell read none itself', () => {
    const inherited = aDataUse({ name: 'early.csv', inherited: true, digest: null });
    const row = { data_changed: null };
    expect(cardView(aDetail({ row, record: { data: [inherited] } }), trans).data).toEqual([
      'data of earlier cells: early.csv'
    ]);
    const uses = [inherited, aDataUse(), aDataUse({ name: 'b' }), aDataUse({ name: 'c' })];
    expect(cardView(aDetail({ row, record: { data: uses } }), trans).data).toEqual([
      'cohort.csv a41c…, b a41c…',
      '+ 1 more'
    ]);
    expect(cardView(aDetail(), trans).data).toEqual(['no data read']);
    const gaps = [{ part: 'data', reason: '1 command that cells started (head) is not watched' }];
    expect(cardView(aDetail({ record: { gaps } }), trans).data).toEqual(['data not known']);
  });

  it('adds up what was used, and says when nothing was measured', () => {
    const gpu = { index: 0, utilization_percent: 31, own_memory: 2.1e9 };
    const readings = [
      { at: 1, cpu_percent: 92, gpus: [{ ...gpu, energy_millijoules: 0 }] },
      { at: 2, cpu_percent: 100, gpus: [{ ...gpu, energy_millijoules: 1.44e6 }] },
      { at: 3 }
    ];
    const resources = { peak_rss: 412e6, peak_source: 'sampled', cpu_seconds: 3, readings };
    expect(cardView(aDetail({ record: { resources } }), trans).resources).toEqual([
      'CPU 96 %',
      '412 MB peak (sampled)',
      'GPU0 31 %, 2.1 GB, 0.4 Wh'
    ]);
    const plain = { cpu_seconds: 3, readings: [{ at: 1, gpus: [{ index: 1, memory_used: 1e9 }] }] };
    expect(cardView(aDetail({ record: { resources: plain } }), trans).resources).toEqual([
      'CPU 3.0 s',
      'GPU1 1 GB (whole device)'
    ]);
    expect(cardView(aDetail(), trans).resources).toEqual(['no resource figures']);
  });

  it('counts the cells before', () => {
    expect(cardView(aDetail(), trans).before).toBe('after 1 cell');
    expect(cardView(aDetail({ code_before: [] }), trans).before).toBe('first cell');
  });

  it('makes hostile names visible and short', () => {
    const view = cardView(
      aDetail({
        row: { metrics: { [HOSTILE]: 1 } },
        record: { params: { [HOSTILE]: HOSTILE }, data: [aDataUse({ name: HOSTILE })] }
      }),
      trans
    );
    expect(view.metrics[0].key).toContain('\\u202e\\x00');
    expect(view.params[0].text.length).toBeLessThan(30);
    expect(view.data[0].length).toBeLessThan(80);
  });
});
