import '../../testing/browser';
import { waitFor, within } from '@testing-library/dom';
import { createHash } from 'crypto';
import { TextEncoder } from 'util';
import type { RunRow } from '../../api/wire';
import { NotebookRuns } from '../../model/notebookruns';
import { aPage, aRow } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { FakePanel } from '../../testing/notebooks';
import { HOSTILE, trans } from '../../testing/pages';
import { NotebookBadges } from '../badges';

Object.assign(globalThis, { TextEncoder });

const FIT = 'depth = 3\nfit(depth)';

function digestOf(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}

/** A run of the cell `c1` as it stands there. */
function aRun(changes: Partial<RunRow> = {}): RunRow {
  return aRow({ name: 'gbm', cell_id: 'c1', source_digest: digestOf(FIT), ...changes });
}

describe('the badges of a notebook', () => {
  const open: { dispose(): void }[] = [];

  afterEach(() => open.splice(0).forEach(one => one.dispose()));

  /** A notebook of three cells in which all cells are seen; the server has these runs of it. */
  class Subject {
    constructor(public rows: RunRow[]) {
      this.runs = new NotebookRuns(new FakeClient({ 'GET runs': () => aPage(this.rows) }), 'a.ipynb');
      this.badges = new NotebookBadges(this.notebook.panel, this.runs, this.opened, trans);
      open.push(this.badges, this.runs, this.notebook);
      this.notebook.content.widgets.forEach((_, place) => this.see(place));
    }

    readonly notebook = new FakePanel('a.ipynb', ['x = 1', FIT, 'y = 2']);
    readonly opened = jest.fn();
    readonly runs: NotebookRuns;
    readonly badges: NotebookBadges;

    /** A cell comes into view, or leaves it. */
    see(place: number, seen = true): void {
      this.notebook.content.widgets[place].inViewport = seen;
    }

    write(place: number, source: string): void {
      this.notebook.content.widgets[place].model.sharedModel.setSource(source);
    }

    badge(place: number): HTMLElement | null {
      return within(this.notebook.content.widgets[place].node).queryByRole('button', { name: /^Run / });
    }

    /** What the badges of all cells are called; null where there is none. */
    get names(): (string | null)[] {
      const names = this.notebook.content.widgets.map(
        (_, place) => this.badge(place)?.getAttribute('aria-label') ?? null
      );
      return names;
    }

    async show(names: (string | null)[]): Promise<void> {
      await waitFor(() => expect(this.names).toEqual(names));
    }

    async become(rows: RunRow[], names: (string | null)[]): Promise<void> {
      this.rows = rows;
      this.runs.refresh(true);
      await this.show(names);
    }
  }

  it('say the state of the last run of each cell, and follow it', async () => {
    const subject = new Subject([aRun({ state: 'RUNNING' })]);
    await subject.show([null, 'Run gbm: running', null]);
    await subject.become([aRun({ state: 'FAILED' })], [null, 'Run gbm: failed', null]);
    const later = aRun({ record_id: 'b'.repeat(32), name: 'again', started: 1_795_280_000 });
    await subject.become([later, aRun({ state: 'FAILED' })], [null, 'Run again: finished', null]);
    expect(subject.notebook.content.node.querySelectorAll('.bioml-BadgeItem')).toHaveLength(1);
  });

  it('go with the runs: of a cell whose runs were deleted nothing is left', async () => {
    const subject = new Subject([aRun()]);
    await subject.show([null, 'Run gbm: finished', null]);
    await subject.become([], [null, null, null]);
    expect(subject.notebook.content.node.querySelector('.bioml-BadgeItem')).toBeNull();
  });

  it('are there for cells that are seen only', async () => {
    const subject = new Subject([aRun(), aRun({ record_id: 'c'.repeat(32), cell_id: 'c2', name: 'last' })]);
    const last = 'Run last: finished; the cell has been edited since';
    await subject.show([null, 'Run gbm: finished', last]);
    subject.see(1, false);
    await subject.show([null, null, last]);
    subject.see(1);
    await subject.show([null, 'Run gbm: finished', last]);
  });

  it('say that a cell was edited since, until it reads as it ran', async () => {
    const subject = new Subject([aRun()]);
    await subject.show([null, 'Run gbm: finished', null]);
    subject.write(1, `${FIT} `);
    await subject.show([null, 'Run gbm: finished; the cell has been edited since', null]);
    subject.write(1, FIT);
    await subject.show([null, 'Run gbm: finished', null]);
    await subject.become([aRun({ source_digest: null, name: 'old' })], [null, 'Run old: finished', null]);
    subject.write(1, 'other');
    subject.write(0, 'x = 2');
    await subject.become(
      [aRun({ cell_id: 'c0' })],
      ['Run gbm: finished; the cell has been edited since', null, null]
    );
  });

  it('come to a cell that is made later, and to no cell of text', async () => {
    const subject = new Subject([
      aRun({ cell_id: 'new', source_digest: null }),
      aRun({ record_id: 'd'.repeat(32), cell_id: 'text', name: 'text' })
    ]);
    const { sharedModel } = subject.notebook.content.model ?? { sharedModel: null };
    sharedModel?.insertCell(0, { cell_type: 'code', id: 'new', source: 'z = 3' });
    sharedModel?.insertCell(0, { cell_type: 'markdown', id: 'text', source: '# Title' });
    subject.see(0);
    subject.see(1);
    await subject.show([null, 'Run gbm: finished', null, null, null]);
  });

  it('open the page of the run, and leave the cell as it is', async () => {
    const subject = new Subject([aRun()]);
    await subject.show([null, 'Run gbm: finished', null]);
    const clicked = jest.fn();
    subject.notebook.content.node.addEventListener('click', clicked);
    subject.badge(1)?.click();
    expect(subject.opened.mock.calls).toEqual([[subject.rows[0]]]);
    expect(clicked).not.toHaveBeenCalled();
    expect(subject.notebook.content.activeCellIndex).toBe(0);
  });

  it('stand beside the toolbar of a cell of one line', async () => {
    const subject = new Subject([aRun()]);
    const isShort = (): boolean | undefined =>
      subject.badge(1)?.closest('.bioml-BadgeItem')?.classList.contains('bioml-mod-short');
    await subject.show([null, 'Run gbm: finished', null]);
    expect(isShort()).toBe(false);
    subject.write(1, 'fit()');
    await waitFor(() => expect(isShort()).toBe(true));
    subject.write(1, FIT);
    await waitFor(() => expect(isShort()).toBe(false));
  });

  it('are not part of the notebook', async () => {
    const subject = new Subject([aRun()]);
    const { model } = subject.notebook.content;
    const before = JSON.stringify(model?.toJSON());
    if (model) {
      model.dirty = false;
    }
    await subject.show([null, 'Run gbm: finished', null]);
    await subject.become([aRun({ state: 'KILLED' })], [null, 'Run gbm: killed', null]);
    expect(model?.dirty).toBe(false);
    expect(JSON.stringify(model?.toJSON())).toBe(before);
  });

  it('show a name as the text that it is', async () => {
    const subject = new Subject([aRun({ name: HOSTILE })]);
    await waitFor(() => expect(subject.badge(1)?.title).toContain('<img src=x onerror='));
    expect(document.querySelector('img')).toBeNull();
    expect(subject.badge(1)?.title).not.toMatch(/[\u202e\0]/);
  });

  it('go with the notebook, which is not looked at any more then', async () => {
    const subject = new Subject([aRun()]);
    await subject.show([null, 'Run gbm: finished', null]);
    const end = jest.fn();
    subject.runs.changed.connect(end);
    subject.badges.dispose();
    subject.badges.dispose();
    expect([subject.names, subject.badges.isDisposed]).toEqual([[null, null, null], true]);
    subject.runs.refresh(true);
    subject.write(1, 'other');
    await new Promise(resolve => setTimeout(resolve, 700));
    expect(end).not.toHaveBeenCalled();
    expect(subject.names).toEqual([null, null, null]);
  });
});
