import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { RunModel } from '../../../model/run';
import { FakeClient } from '../../../testing/client';
import { aDetail, trans } from '../../../testing/pages';
import { codePart, LoadCodes } from '../LoadCode';

async function show(codes: object[], insert: ((code: string) => void) | null): Promise<jest.Mock> {
  const client = new FakeClient({ 'GET runs/r1': () => aDetail(), 'GET runs/r1/code': () => codes });
  const model = new RunModel(client, 'r1', 'a.ipynb', () => []);
  await codePart(model).load();
  const drag = jest.fn();
  render(<LoadCodes model={model} actions={{ insert, drag }} trans={trans} />);
  model.dispose();
  return drag;
}

const MODEL = { kind: 'model', name: 'clf', code: 'import mlflow' };
const DATA = { kind: 'data', name: 'cohort.csv', code: 'import pandas' };

describe('code that loads something of a run', () => {
  it('goes into a notebook by a button; a model comes with a warning', async () => {
    const inserted: string[] = [];
    await show([MODEL, DATA], code => inserted.push(code));
    fireEvent.click(screen.getByRole('button', { name: 'Insert code that loads: Model clf' }));
    fireEvent.click(screen.getByRole('button', { name: 'Insert code that loads: Data cohort.csv' }));
    expect(inserted).toEqual([
      '# Loading a model runs code written by its author.\nimport mlflow',
      'import pandas'
    ]);
  });

  it('cannot go anywhere without a notebook, and says so', async () => {
    await show([DATA], null);
    const button = screen.getByRole<HTMLButtonElement>('button', { name: /^Insert/ });
    expect([button.disabled, button.title]).toEqual([true, 'Open a notebook first']);
  });

  it('is dragged once the pointer has moved, not by a press', async () => {
    const drag = await show([DATA], null);
    const handle = screen.getByTitle(/^Drag it into a notebook/);
    fireEvent(handle, new MouseEvent('pointerdown', { bubbles: true, button: 0, clientX: 1, clientY: 1 }));
    fireEvent(document, new MouseEvent('pointermove', { clientX: 3, clientY: 1 }));
    expect(drag).not.toHaveBeenCalled();
    fireEvent(document, new MouseEvent('pointermove', { clientX: 30, clientY: 9 }));
    expect(drag.mock.calls).toEqual([['import pandas', 'Data cohort.csv', 30, 9]]);
  });

  it('is not mentioned where there is nothing to load', async () => {
    await show([], null);
    expect(document.body.textContent).toBe('');
  });
});
