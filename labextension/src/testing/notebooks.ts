import type { NotebookPanel } from '@jupyterlab/notebook';
import { Notebook, NotebookModel } from '@jupyterlab/notebook';
import { NBTestUtils } from '@jupyterlab/notebook/lib/testutils';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

/** As much of a notebook's panel as is used: a real notebook with these cells (`c0`, `c1`, …), and where it is. */
export class FakePanel {
  constructor(path: string, sources: readonly string[]) {
    this.context = { path, pathChanged: new Signal<unknown, string>({}) };
    const model = new NotebookModel();
    model.sharedModel.insertCells(
      0,
      sources.map((source, index) => ({ cell_type: 'code', id: `c${index}`, source }))
    );
    this.content = new Notebook({
      rendermime: NBTestUtils.defaultRenderMime(),
      contentFactory: NBTestUtils.createNotebookFactory(),
      mimeTypeService: NBTestUtils.mimeTypeService,
      notebookConfig: { ...Notebook.defaultNotebookConfig, windowingMode: 'none' }
    });
    this.content.model = model;
    Widget.attach(this.content, document.body);
  }

  readonly context: { path: string; pathChanged: Signal<unknown, string> };
  readonly content: Notebook;
  readonly sessionContext = { statusChanged: new Signal<unknown, string>({}) };
  readonly disposed = new Signal<this, void>(this);
  isDisposed = false;

  get panel(): NotebookPanel {
    return this as unknown as NotebookPanel;
  }

  rename(path: string): void {
    this.context.path = path;
    this.context.pathChanged.emit(path);
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      this.content.dispose();
      this.disposed.emit();
    }
  }
}
