import type { Dialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

/** A dialog's body in which a note is written. */
export class NoteBody extends Widget implements Dialog.IBodyWidget<string> {
  constructor(text: string, label: string) {
    const area = document.createElement('textarea');
    area.className = 'bioml-NoteField jp-mod-styled';
    area.value = text;
    area.rows = 6;
    area.setAttribute('aria-label', label);
    super();
    this._area = area;
    this.node.append(area);
  }

  getValue(): string {
    return this._area.value;
  }

  private readonly _area: HTMLTextAreaElement;
}
