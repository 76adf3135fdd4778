import type { Dialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

/** A dialog's body in which lines are written. */
export class TextBody extends Widget implements Dialog.IBodyWidget<string> {
  constructor(text: string, label: string, about: string) {
    const area = document.createElement('textarea');
    area.className = 'bioml-NoteField jp-mod-styled';
    area.value = text;
    area.rows = 6;
    area.setAttribute('aria-label', label);
    super();
    this._area = area;
    const words = document.createElement('p');
    words.className = 'bioml-soft';
    words.textContent = about;
    this.node.append(area, words);
  }

  getValue(): string {
    return this._area.value;
  }

  private readonly _area: HTMLTextAreaElement;
}
