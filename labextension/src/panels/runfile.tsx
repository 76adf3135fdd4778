import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import React from 'react';
import type { IClient } from '../api/request';
import * as runs from '../api/runs';
import { Figure, Name } from '../components/Figure';
import { Lazy } from '../components/Notice';
import { ContentView } from '../components/run/Outputs';
import { experimentsIcon } from '../icons';
import type { Content } from '../model/content';
import { formatBytes, printable, shortId } from '../model/format';
import { Part } from '../model/part';
import { contentOfFile, LARGEST_SHOWN } from '../model/runfile';

/** A file of a run in the main area: text, pictures, and pages in a frame that runs nothing. */
export class RunFilePanel extends ReactWidget {
  constructor(
    private readonly client: IClient,
    readonly run: string,
    readonly file: string,
    readonly path: string,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('bioml-PageScroll');
    const name = printable(file.split('/').pop() ?? file);
    this.title.icon = experimentsIcon;
    this.title.label = name.slice(0, 60);
    this.title.caption = trans.__('%1 of run %2', printable(file).slice(0, 300), shortId(run));
    void this._content.load();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._content.dispose();
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected render(): React.ReactElement {
    return <UseSignal signal={this._changed}>{() => this._page()}</UseSignal>;
  }

  private _page(): React.ReactElement {
    const { client, run, file, path, trans } = this;
    return (
      <div className="bioml-Page bioml-mod-file">
        <header className="bioml-PageTitle">
          <h1>
            <Name text={file} />
          </h1>
          {this._size !== null && (
            <Figure value={this._size} text={formatBytes(this._size)} unit="B" trans={trans} />
          )}
          <div className="bioml-Actions">
            <a className="bioml-Button" href={runs.fileUrl(client, path, run, file)} download>
              {trans.__('Download')}
            </a>
          </div>
        </header>
        <Lazy part={this._content} onRetry={() => void this._content.load()} trans={trans}>
          {content =>
            content.kind === 'nothing' ? (
              <p className="bioml-Empty">{trans.__('This kind of file is not shown here. Download it.')}</p>
            ) : (
              <ContentView content={content} size={this._size ?? 0} trans={trans} />
            )
          }
        </Lazy>
      </div>
    );
  }

  private async _read(): Promise<Content> {
    const bytes = await runs.fileBytes(this.client, this.path, this.run, this.file);
    this._size = bytes.byteLength;
    return bytes.byteLength > LARGEST_SHOWN ? { kind: 'nothing' } : contentOfFile(this.file, bytes);
  }

  private _size: number | null = null;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _content = new Part<Content>(
    () => this._read(),
    () => this._changed.emit()
  );
}
