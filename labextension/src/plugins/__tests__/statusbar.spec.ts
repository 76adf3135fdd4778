import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IStatusBar } from '@jupyterlab/statusbar';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { fireEvent, screen, waitFor } from '@testing-library/dom';
import { Connection } from '../../model/connection';
import { aStatus } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { statusBarPlugin } from '../statusbar';

type Item = Parameters<IStatusBar['registerStatusItem']>[1];

/** As much of an open notebook as is used. */
function aNotebook(path: string): {
  context: { path: string; pathChanged: Signal<unknown, string> };
  sessionContext: { statusChanged: Signal<unknown, string> };
} {
  return {
    context: { path, pathChanged: new Signal<unknown, string>({}) },
    sessionContext: { statusChanged: new Signal<unknown, string>({}) }
  };
}

/** A JupyterLab with a status bar and one notebook in front. */
class Lab {
  constructor(withBar = true) {
    const app = {
      serviceManager: { contents: { localPath: (path: string) => path.replace(/^drive:/, '') } }
    } as unknown as JupyterFrontEnd;
    const bar = {
      registerStatusItem: (id: string, item: Item) => {
        this.items.push([id, item]);
        Widget.attach(item.item as Widget, document.body);
      }
    } as unknown as IStatusBar;
    void statusBarPlugin.activate(
      app,
      this.connection,
      this.tracker as unknown as INotebookTracker,
      withBar ? bar : null,
      null,
      null
    );
  }

  waiting: { record_id: string; name: string; reason: string }[] = [];
  readonly client = new FakeClient({ 'GET status': () => aStatus({ waiting: this.waiting }) });
  readonly connection = new Connection(this.client);
  readonly items: [string, Item][] = [];
  readonly tracker = {
    currentWidget: aNotebook('drive:study/a.ipynb') as ReturnType<typeof aNotebook> | null,
    currentChanged: new Signal<unknown, unknown>({})
  };

  get asked(): unknown[] {
    return this.client.calls.map(call => call.query.path);
  }

  /** Other notebooks come to the front; null: none is open. */
  front(path: string | null): void {
    this.tracker.currentWidget = path === null ? null : aNotebook(path);
    this.tracker.currentChanged.emit(undefined);
  }

  dispose(): void {
    fireEvent.click(document.body); // closes the popup
    this.items.forEach(([, { item }]) => item?.dispose());
  }
}

const popups = (): NodeListOf<Element> => document.querySelectorAll('.jp-StatusBar-HoverItem');
/** Nothing is laid out, so the popup finds no place in which it could be seen. */
const HIDDEN = { hidden: true };
const button = (): HTMLElement => screen.getByRole('button');

describe('the item in the status bar', () => {
  const labs: Lab[] = [];

  function start(withBar = true): Lab {
    labs.push(new Lab(withBar));
    return labs[labs.length - 1];
  }

  afterEach(() => labs.splice(0).forEach(lab => lab.dispose()));

  it('stands on the left, and is about the project of the notebook in front', async () => {
    const lab = start();
    expect(lab.items.map(([id, { align }]) => [id, align])).toEqual([['jupyter-bioml:statusbar', 'left']]);
    await waitFor(() => expect(lab.asked).toContain('study/a.ipynb'));
    await waitFor(() => expect(button().textContent).toBe('tracking off'));
  });

  it('is not there where there is no status bar, and asks nothing then', async () => {
    const lab = start(false);
    lab.connection.touch();
    lab.front('b.ipynb');
    await new Promise(resolve => setTimeout(resolve, 300));
    expect([lab.items, lab.asked]).toEqual([[], []]);
  });

  it('follows to another notebook, to its new name, and to none', async () => {
    const lab = start();
    lab.front('drive:other/b.ipynb');
    await waitFor(() => expect(lab.asked).toContain('other/b.ipynb'));
    const { context } = lab.tracker.currentWidget as ReturnType<typeof aNotebook>;
    context.path = 'drive:other/c.ipynb';
    context.pathChanged.emit(context.path);
    await waitFor(() => expect(lab.asked).toContain('other/c.ipynb'));
    lab.front(null);
    await waitFor(() => expect(lab.asked).toContain(''));
    await waitFor(() => expect(button().textContent).toBe('experiments'));
  });

  it.each([
    ['something was changed', (lab: Lab) => lab.connection.touch()],
    ['a cell ended', (lab: Lab) => lab.tracker.currentWidget?.sessionContext.statusChanged.emit('idle')]
  ])('looks at once when %s', async (_, happen) => {
    const lab = start();
    await waitFor(() => expect(button().textContent).toBe('tracking off'));
    lab.waiting = [{ record_id: 'r', name: 'gbm', reason: 'MLflow does not answer' }];
    happen(lab);
    await waitFor(() => expect(button().textContent).toContain('1 waiting'));
  });

  it('opens one popup, which another click replaces', async () => {
    const lab = start();
    lab.waiting = [{ record_id: 'r', name: 'gbm', reason: 'MLflow does not answer' }];
    await waitFor(() => expect(button().textContent).toContain('1 waiting'));
    fireEvent.click(button());
    await waitFor(() => expect(popups()[0]?.textContent).toContain('MLflow does not answer'));
    fireEvent.click(screen.getAllByRole('button')[0]);
    expect(popups()).toHaveLength(1);
  });

  it('has the keyboard again once the popup was closed with Escape', async () => {
    start();
    await waitFor(() => expect(button().textContent).toBe('tracking off'));
    const item = button();
    fireEvent.click(item);
    const dialog = await screen.findByRole('dialog', HIDDEN);
    await waitFor(() => expect(popups()[0].contains(document.activeElement)).toBe(true));
    fireEvent.keyDown(dialog, { key: 'Escape' });
    expect(popups()).toHaveLength(0);
    expect(document.activeElement).toBe(item);
  });

  it('leaves the keyboard where it is when a click elsewhere closes the popup', async () => {
    start();
    await waitFor(() => expect(button().textContent).toBe('tracking off'));
    fireEvent.click(button());
    await screen.findByRole('dialog', HIDDEN);
    const field = document.body.appendChild(document.createElement('input'));
    field.focus();
    fireEvent.click(field);
    expect(popups()).toHaveLength(0);
    expect(document.activeElement).toBe(field);
    field.remove();
  });
});
