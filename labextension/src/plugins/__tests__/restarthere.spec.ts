import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { CommandRegistry } from '@lumino/commands';
import { trans } from '../../testing/pages';
import type { ITracking, TrackingState } from '../../tokens';
import { addRestart, RESTART_HERE, sayUntracked } from '../restarthere';

function aLab(state: TrackingState): {
  commands: CommandRegistry;
  events: unknown[];
  panels: { content: { activeCellIndex: number } }[];
} {
  const commands = new CommandRegistry();
  const events: unknown[] = [];
  const panels = ['a.ipynb', 'RTC:deep/b.ipynb'].map(path => ({
    id: path,
    context: { path },
    content: { activeCellIndex: 0, widgets: ['c0', 'c1', 'c2'].map(id => ({ model: { id } })) }
  }));
  const notebooks = { currentWidget: panels[0], find: (test: (one: object) => boolean) => panels.find(test) };
  const tracking = { state: () => state, set: async (_: unknown, mode: string) => events.push(mode) };
  commands.addCommand('notebook:restart-and-run-to-selected', { execute: () => events.push('restart') });
  addRestart(
    { commands, shell: { activateById: (id: string) => events.push(id) } } as unknown as JupyterFrontEnd,
    notebooks as unknown as INotebookTracker,
    tracking as unknown as ITracking,
    path => path.replace('RTC:', ''),
    trans
  );
  return { commands, events, panels };
}

describe('running a notebook again from its first cell on', () => {
  it.each<[TrackingState, string]>([
    ['on', 'on'],
    ['off', 'on'],
    ['broken', 'on'],
    ['auto', 'auto']
  ])('tracks it first, as it was (%s), and then restarts it down to the cell', async (state, mode) => {
    const { commands, events, panels } = aLab(state);
    await commands.execute(RESTART_HERE, { path: 'deep/b.ipynb', cell: 'c2' });
    expect(events).toEqual(['RTC:deep/b.ipynb', mode, 'restart']);
    expect(panels.map(panel => panel.content.activeCellIndex)).toEqual([0, 2]);
  });

  it('takes the notebook in front and its active cell where nothing else is said', async () => {
    const { commands, events } = aLab('on');
    await commands.execute(RESTART_HERE);
    expect(events).toEqual(['a.ipynb', 'on', 'restart']);
  });

  it('does nothing to a notebook that is not open', async () => {
    const { commands, events } = aLab('on');
    await commands.execute(RESTART_HERE, { path: 'closed.ipynb', cell: 'c1' });
    expect(events).toEqual([]);
  });

  it('is offered where cells ran before tracking started', () => {
    const said = jest.spyOn(Notification, 'warning').mockReturnValue('id');
    const restart = jest.fn();
    sayUntracked(3, trans, restart);
    const [text, options] = said.mock.calls[0];
    expect(text).toBe('3 cells ran before tracking started; what they read is unknown.');
    options?.actions?.[0].callback({} as MouseEvent);
    expect(restart).toHaveBeenCalledTimes(1);
    said.mockRestore();
  });
});
