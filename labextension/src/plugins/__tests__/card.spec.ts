import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { CommandRegistry } from '@lumino/commands';
import type { RunRow } from '../../api/wire';
import { aDetail } from '../../testing/pages';
import type { IRegisterForm } from '../../tokens';
import { actionsOf } from '../card';

const open = jest.fn();

function registers(row: Partial<RunRow>): boolean {
  const app = { commands: new CommandRegistry() } as unknown as JupyterFrontEnd;
  const form: IRegisterForm = { open };
  const { register } = actionsOf(aDetail({ row }), 'a.ipynb', {
    app,
    pages: null,
    form,
    reproductions: null
  });
  return register !== null;
}

it('a card offers to register what has a model that can be registered', () => {
  expect(registers({ has_model: true })).toBe(true);
  expect(registers({ has_model: false })).toBe(false);
  expect(registers({ state: 'KILLED', has_model: false })).toBe(false);
});
