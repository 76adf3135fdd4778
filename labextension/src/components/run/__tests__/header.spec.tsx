import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { aDetail, HOSTILE, trans } from '../../../testing/pages';
import { aReproduce } from '../../../testing/reproduce';
import type { IRunHeaderProps } from '../RunHeader';
import { RunHeader } from '../RunHeader';

const COMMIT = 'c0ffee12'.repeat(5);
const LINK = 'http://test/lab?bioml-run=a';

let written: string[];

beforeEach(() => {
  written = [];
  const clipboard = { writeText: async (text: string) => void written.push(text) };
  Object.defineProperty(navigator, 'clipboard', { configurable: true, value: clipboard });
});

function show(detail = aDetail(), changes: Partial<IRunHeaderProps> = {}): string {
  render(
    <RunHeader
      detail={detail}
      now={1_795_270_300}
      exportUrl="http://test/export"
      link={LINK}
      onOpenCell={jest.fn()}
      onCompare={jest.fn()}
      onOpenRun={jest.fn()}
      reproduce={null}
      trans={trans}
      {...changes}
    />
  );
  return screen.getByRole('banner').textContent ?? '';
}

const press = async (name: string | RegExp): Promise<void> => {
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name }));
  });
};

describe('RunHeader', () => {
  it('copies the address, the commit and both ids in full: of the run, and beside it of the MLflow run', async () => {
    const git = { commit: COMMIT, branch: 'main', remote: null, dirty: false };
    show(aDetail({ git, row: { run_id: 'f'.repeat(32) } }));
    await press('Copy link');
    await press('Copy the commit');
    await press('Copy the run ID');
    await press('Copy the MLflow run ID');
    expect(written).toEqual([LINK, COMMIT, 'a'.repeat(32), 'f'.repeat(32)]);
    expect(screen.getByRole('banner').textContent).toMatch(/run aaaaaaaa….*MLflow run ffffffff…/s);
  });

  it('opens MLflow where it is served, and else gives the command that serves it', async () => {
    const mlflow = 'https://mlflow.example/#/runs/f';
    show(aDetail({ links: { mlflow, mlflow_command: null } }));
    expect(screen.getByRole('link', { name: 'Open in MLflow' }).getAttribute('href')).toBe(mlflow);
    expect(screen.queryByRole('button', { name: 'Copy MLflow command' })).toBeNull();
    cleanup();
    const command = 'mlflow ui --backend-store-uri sqlite:////data/.bioml/mlflow.db';
    show(aDetail({ links: { mlflow: null, mlflow_command: command } }));
    expect(screen.queryByRole('link', { name: 'Open in MLflow' })).toBeNull();
    expect(screen.getByRole('button', { name: 'Copy MLflow command' }).title).toContain(command);
    await press('Copy MLflow command');
    expect(written).toEqual([command]);
  });

  it('has the same id before the run is in MLflow', async () => {
    expect(show(aDetail({ row: { run_id: null, published: false } }))).toContain('run aaaaaaaa…');
    await press('Copy the run ID');
    expect(screen.queryByRole('button', { name: 'Copy the MLflow run ID' })).toBeNull();
    expect(written).toEqual(['a'.repeat(32)]);
  });

  it('has the exact time and duration behind the short ones', () => {
    show(aDetail({ row: { duration: 3.21987 } }));
    expect(screen.getByText('5 min ago').title).toMatch(/^2026-11-21 /);
    expect(screen.getByRole('button', { name: '3.2 s' }).title).toContain('3.21987 s');
  });

  it.each([
    [true, true],
    [false, false],
    [null, false]
  ])('of a repository whose changes are %p it says so: %p', (dirty, said) => {
    const git = { commit: COMMIT, branch: null, remote: null, dirty };
    expect(show(aDetail({ git })).includes('+ changes')).toBe(said);
  });

  it('names a cell without a number as a cell', () => {
    expect(show(aDetail({ row: { execution_count: null } }))).toContain('study.ipynb ▸ cell');
  });

  it('offers nothing that leads nowhere', () => {
    show(aDetail({ previous: null, row: { notebook: null } }));
    const names = screen.getAllByRole('button').map(button => button.textContent);
    expect(names).not.toEqual(expect.arrayContaining([expect.stringMatching(/Compare|Register|cell/)]));
    expect(screen.queryByRole('img')).toBeNull();
  });

  it('makes the run again, and shows what comes of it below the facts', async () => {
    const reproduce = aReproduce();
    show(aDetail(), { reproduce });
    await press('Reproduce');
    expect(reproduce.onStart).toHaveBeenCalledTimes(1);
    cleanup();
    expect(show(aDetail(), { reproduce: aReproduce({ phase: 'cancelling' }) })).toContain('Stopping…');
    expect(screen.getByRole('button', { name: 'Reproduce' }).getAttribute('aria-disabled')).toBe('true');
  });

  it.each(['reproduced', 'REPRODUCED', 'Reproduced'])(
    'writes the verdict %p as a word with a sign',
    verdict => {
      expect(show(aDetail({ row: { verdict } }))).toContain('verdict: ✓ reproduced');
    }
  );

  it('says what the verdict is based on', () => {
    const row = { verdict: 'NOT COMPARED', verdict_basis: 'nothing; 1 figure not compared' };
    expect(show(aDetail({ row }))).toContain(
      'verdict: ? not compared (based on nothing; 1 figure not compared)'
    );
  });

  it('shows a hostile verdict, taint, user and name as short text', () => {
    const text = show(
      aDetail({
        row: { name: HOSTILE, verdict: HOSTILE, taint: HOSTILE, notebook: HOSTILE },
        record: { user: HOSTILE }
      })
    );
    expect(document.querySelector('img')).toBeNull();
    expect(text).not.toMatch(/[\u202e\0]/);
    expect(text.length).toBeLessThan(4000);
  });
});
