import { Dialog, ReactWidget, UseSignal } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { PromotionView } from '../components/PromotionView';
import type { PromotionModel } from '../model/promotion';

/** The gates and what can be done, as a dialog's body. */
class Body extends ReactWidget {
  constructor(
    private readonly model: PromotionModel,
    private readonly onClose: () => void,
    private readonly trans: TranslationBundle
  ) {
    super();
  }

  protected render(): React.ReactElement {
    const model = this.model;
    return (
      <UseSignal signal={model.changed}>
        {() => (
          <PromotionView
            name={model.name}
            version={model.version}
            alias={model.alias}
            aliases={model.aliases}
            holder={model.holder}
            answer={model.answer}
            isAsking={model.isAsking}
            isBusy={model.busy !== null}
            error={model.error}
            act={model.act}
            fields={model.fields}
            outcome={model.outcome}
            hindrance={act => model.hindrance(act)}
            hindranceNow={model.hindranceNow}
            onChoose={alias => void model.choose(alias)}
            onOpen={act => model.open(act)}
            onFill={fields => model.fill(fields)}
            onSubmit={() => void model.submit()}
            onRetry={() => void model.load()}
            onClose={this.onClose}
            trans={this.trans}
          />
        )}
      </UseSignal>
    );
  }
}

/** A dialog whose body has the buttons: it stays open while something is done, and says what came of it. */
export class PromotionDialog extends Dialog<null> {
  constructor(model: PromotionModel, title: string, trans: TranslationBundle) {
    super({
      title,
      body: new Body(model, () => this.reject(), trans),
      buttons: [],
      focusNodeSelector: '.bioml-PromotionClose'
    });
    this.addClass('bioml-RegisterDialog');
    this.addClass('bioml-PromotionDialog');
  }

  /** The form's own keys are the browser's: Enter submits it or presses the button, arrows move in the text. */
  protected override _evtKeydown(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      super._evtKeydown(event);
    }
  }
}
