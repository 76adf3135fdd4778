import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';
import type { IEntry } from '../model/registry';
import type { Watch } from '../model/watch';

/** One section of the sidebar. */
export interface ISidebarSection extends IEntry {
  /** Its title. */
  readonly label: string;
  /** Its share of the sidebar's height, beside the shares of the others. */
  readonly height: number;
  readonly widget: Widget;
  /** Look for news now. */
  look(): void;
  /** Put the keyboard on it; the first section that can is where the command "Show Experiments" leads. */
  focus?(): void;
}

/** A section that has nothing to show. */
const EMPTY = 'bioml-mod-empty';

/** A section of the sidebar, which looks for news only while it is seen. */
export abstract class Section extends ReactWidget {
  constructor(
    private readonly _watch: Watch,
    name: string
  ) {
    super();
    this.addClass('bioml-Section');
    this.addClass(`bioml-mod-${name}`);
  }

  /** Nothing is in it: it needs no more room than to say so, and leaves its share to the others. */
  protected set isEmpty(isEmpty: boolean) {
    if (isEmpty !== this.hasClass(EMPTY)) {
      this.toggleClass(EMPTY, isEmpty);
      // the layout reads the largest height of a section only when it is asked to fit
      this.parent?.fit();
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._watch.isShown = this.isVisible;
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._watch.isShown = true;
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._watch.isShown = false;
  }

  protected override onBeforeDetach(message: Message): void {
    this._watch.isShown = false;
    super.onBeforeDetach(message);
  }
}
