import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import type { RunDetail } from '../../../api/wire';
import type { RunModel } from '../../../model/run';
import { Part } from '../../../model/part';
import { aPage } from '../../../testing/builders';
import { aComparison, aDetail, anOutput, aResources, HOSTILE, trans } from '../../../testing/pages';
import type { IRunPageProps } from '../RunPage';
import { RunPage } from '../RunPage';
import type { IRunTab } from '../tab';
import { RUN_TABS } from '../tabs';

/** A part that was read, or could not be. */
async function part<T>(value: T | Error): Promise<Part<T>> {
  const made = new Part<T>(
    async () => {
      if (value instanceof Error) {
        throw value;
      }
      return value;
    },
    () => undefined
  );
  await made.load();
  return made;
}

async function parts(detail: RunDetail | Error, tab = 'overview'): Promise<RunModel> {
  const offer = { can: true, refusal: null, suggested_name: '', names: [], aliases: [], will_store: [] };
  return {
    tab,
    detail: await part(detail),
    series: await part({ series: {}, truncated: false }),
    resources: await part(aResources()),
    outputs: await part([anOutput()]),
    files: await part([{ path: 'a.txt', size: 3 }]),
    group: await part(aPage([])),
    offer: await part(offer),
    diff: await part(aComparison())
  } as unknown as RunModel;
}

describe('RunPage', () => {
  let done: string[];

  const show = (of: RunModel, changes: Partial<IRunPageProps> = {}): void => {
    render(
      <RunPage
        model={of}
        tabs={RUN_TABS}
        now={1_795_270_300}
        exportUrl="http://test/export"
        link="http://test/lab?bioml-run=a"
        onOpenFile={() => undefined}
        urlOf={path => path}
        onOpenCell={() => done.push('cell')}
        onOpenLater={cell => done.push(`later ${cell}`)}
        onOpenRun={id => done.push(`run ${id}`)}
        onCompare={id => done.push(`compare ${id}`)}
        onRegister={() => done.push('register')}
        reproduce={null}
        onTab={tab => done.push(`tab ${tab}`)}
        onRetry={() => done.push('retry')}
        trans={trans}
        {...changes}
      />
    );
  };

  beforeEach(() => {
    done = [];
  });

  it('says which run it is, how it ended and where it came from', async () => {
    const git = { commit: 'c0ffee'.repeat(6), branch: 'main', remote: null, dirty: true };
    show(
      await parts(aDetail({ git, record: { user: 'ada' }, row: { starred: true, verdict: 'reproduced' } }))
    );
    const header = screen.getByRole('banner').textContent;
    for (const text of [
      'gbm-depth3',
      '● finished',
      'study.ipynb',
      'cell [12]',
      '5 min ago',
      '3.2 s',
      'by ada',
      'commit c0ffeec0…',
      '+ changes',
      'verdict: ✓ reproduced'
    ]) {
      expect(header).toContain(text);
    }
    expect(screen.getByRole('img', { name: 'starred' }).textContent).toBe('★');
  });

  it('says what is not known as not known', async () => {
    show(
      await parts(
        aDetail({ row: { notebook: null, started: null, duration: null, published: false }, previous: null })
      )
    );
    const header = screen.getByRole('banner').textContent;
    expect(header).toContain('verdict: not checked');
    expect(header).toContain('not in MLflow yet');
    expect(header).not.toContain('commit');
    expect(screen.queryByRole('button', { name: 'Compare with previous' })).toBeNull();
  });

  it('goes to the cell, compares, registers and exports', async () => {
    show(
      await parts(aDetail({ row: { reproduces: 'c'.repeat(32), taint: 'deleted', parent: 'd'.repeat(32) } }))
    );
    fireEvent.click(screen.getByTitle('Go to the cell'));
    fireEvent.click(screen.getByRole('button', { name: 'Compare with previous' }));
    fireEvent.click(screen.getByRole('button', { name: 'Register…' }));
    fireEvent.click(screen.getByRole('button', { name: /reproduction of/ }));
    fireEvent.click(screen.getByRole('button', { name: 'part of run dddddddd…' }));
    expect(done).toEqual([
      'cell',
      `compare ${'b'.repeat(32)}`,
      'register',
      `run ${'c'.repeat(32)}`,
      `run ${'d'.repeat(32)}`
    ]);
    expect(screen.getByRole('link', { name: 'Export' }).getAttribute('href')).toBe('http://test/export');
    expect(screen.getByRole('banner').textContent).toContain('⚠ a cell was deleted');
  });

  it('offers no registration where there can be none', async () => {
    show(await parts(aDetail()), { onRegister: undefined });
    expect(screen.queryByRole('button', { name: 'Register…' })).toBeNull();
  });

  it.each(RUN_TABS.map(({ id }) => id).filter(id => id !== 'runs-in'))('has the tab %s', async id => {
    show(await parts(aDetail(), id));
    expect(screen.getAllByRole('tab')).toHaveLength(RUN_TABS.length - 1);
    expect(screen.getByRole('tabpanel').textContent?.length).toBeGreaterThan(0);
  });

  it('has a tab that was added, for the runs that it is for', async () => {
    const added: IRunTab = {
      id: 'drift',
      rank: 15,
      label: () => 'Drift',
      count: () => 3,
      isFor: ({ row }) => row.has_model,
      render: ({ detail }) => `drift of ${detail.row.name}`
    };
    show(await parts(aDetail(), 'drift'), { tabs: [...RUN_TABS, added] });
    expect(screen.getByRole('tab', { selected: true }).textContent).toBe('Drift3');
    expect(screen.getByRole('tabpanel').textContent).toBe('drift of gbm-depth3');
    cleanup();
    show(await parts(aDetail({ row: { has_model: false } }), 'drift'), { tabs: [...RUN_TABS, added] });
    expect(screen.queryByRole('tab', { name: /Drift/ })).toBeNull();
    expect(screen.getByRole('tab', { selected: true }).textContent).toBe('Overview');
  });

  it('tells which tab is chosen', async () => {
    show(await parts(aDetail()));
    fireEvent.click(screen.getByRole('tab', { name: 'Files' }));
    expect(done).toEqual(['tab files']);
  });

  it('a part that could not be read does not take the page with it', async () => {
    const some = {
      ...(await parts(aDetail(), 'files')),
      files: await part<never>(new Error('MLflow is away.'))
    };
    show(some as unknown as RunModel);
    expect(screen.getByRole('alert').textContent).toContain('MLflow is away.');
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(done).toEqual(['tab files']);
    expect(screen.getByRole('heading', { level: 1 }).textContent).toContain('gbm-depth3');
  });

  it('a run that cannot be read says so', async () => {
    show(await parts(new Error('No such run.')));
    expect(screen.getByRole('alert').textContent).toContain('No such run.');
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(done).toEqual(['retry']);
  });

  it('shows hostile names as text', async () => {
    show(await parts(aDetail({ row: { name: HOSTILE, notebook: HOSTILE, verdict: HOSTILE.slice(0, 60) } })));
    expect(document.querySelector('img')).toBeNull();
    expect(screen.getByRole('heading', { level: 1 }).textContent).toContain('<img src=x');
  });
});
