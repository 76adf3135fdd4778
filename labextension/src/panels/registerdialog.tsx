import { Dialog, ReactWidget, UseSignal } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { RegisterForm } from '../components/RegisterForm';
import type { RegisterModel } from '../model/register';

/** The register form as a dialog's body. */
class Body extends ReactWidget {
  constructor(
    private readonly model: RegisterModel,
    private readonly onClose: () => void,
    private readonly onOpenModel: (() => void) | null,
    private readonly trans: TranslationBundle
  ) {
    super();
  }

  protected render(): React.ReactElement {
    const model = this.model;
    return (
      <UseSignal signal={model.changed}>
        {() => (
          <RegisterForm
            offer={model.offer}
            error={model.error}
            fields={model.fields}
            nextVersion={model.nextVersion}
            canSubmit={model.canSubmit}
            busy={model.busy !== null}
            made={model.made}
            onFill={fields => model.fill(fields)}
            onSubmit={() => void model.submit()}
            onRetry={() => void model.load()}
            onClose={this.onClose}
            onOpenModel={this.onOpenModel}
            trans={this.trans}
          />
        )}
      </UseSignal>
    );
  }
}

/** A dialog whose body has the buttons: it stays open while the model is registered, and says what came of it. */
export class RegisterDialog extends Dialog<null> {
  constructor(
    model: RegisterModel,
    title: string,
    onOpenModel: (() => void) | null,
    trans: TranslationBundle
  ) {
    const open = onOpenModel && ((): void => (this.reject(), onOpenModel()));
    super({
      title,
      body: new Body(model, () => this.reject(), open, trans),
      buttons: [],
      focusNodeSelector: 'input'
    });
    this.addClass('bioml-RegisterDialog');
  }

  /** The form's own keys are the browser's: Enter submits it or presses the button, arrows move in the text. */
  protected override _evtKeydown(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      super._evtKeydown(event);
    }
  }
}
