import { Dialog, ReactWidget, UseSignal } from '@jupyterlab/apputils';
import type { ISignal } from '@lumino/signaling';
import React from 'react';

/** Draws a form again whenever its model changed. */
class Body extends ReactWidget {
  constructor(
    private readonly changed: ISignal<unknown, void>,
    private readonly draw: () => React.ReactElement,
    private readonly focus: string
  ) {
    super();
  }

  protected render(): React.ReactElement {
    return (
      <UseSignal signal={this.changed}>
        {() => (
          <Focused form={this.node} focus={this.focus}>
            {this.draw()}
          </Focused>
        )}
      </UseSignal>
    );
  }
}

/** Brings the keyboard back into a form whose button in use has gone: outside it, Escape would not close the dialog. */
function Focused(props: React.PropsWithChildren<{ form: HTMLElement; focus: string }>): React.ReactElement {
  const { form, focus, children } = props;
  React.useEffect(() => {
    if (form.isConnected && document.activeElement === document.body) {
      form.querySelector<HTMLElement>(focus)?.focus();
    }
  });
  return <>{children}</>;
}

/** A dialog whose body has the buttons: it stays open while something is done, and shows the outcome. */
export class FormDialog extends Dialog<null> {
  /**
   * @param options.changed - the form's model changed.
   * @param options.draw - the form; what it is given closes the dialog.
   * @param options.focus - selector of the element that the keyboard is on first, and when the one in use has gone.
   */
  constructor(options: {
    title: string;
    changed: ISignal<unknown, void>;
    draw: (close: () => void) => React.ReactElement;
    focus: string;
    className?: string;
  }) {
    const { title, changed, draw, focus, className } = options;
    const body = new Body(changed, () => draw(() => this.reject()), focus);
    super({ title, body, buttons: [], focusNodeSelector: focus });
    this.addClass('bioml-RegisterDialog');
    if (className !== undefined) {
      this.addClass(className);
    }
  }

  /** The form's own keys are the browser's: Enter submits it or presses the button, arrows move in the text. */
  protected override _evtKeydown(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      super._evtKeydown(event);
    }
  }
}
