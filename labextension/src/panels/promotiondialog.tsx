import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { PromotionView } from '../components/PromotionView';
import type { PromotionModel } from '../model/promotion';
import { FormDialog } from './formdialog';

/** The gates of a model version and what can be done, in a dialog. */
export function promotionDialog(model: PromotionModel, title: string, trans: TranslationBundle): FormDialog {
  const draw = (close: () => void): React.ReactElement => (
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
      onClose={close}
      trans={trans}
    />
  );
  return new FormDialog({
    title,
    changed: model.changed,
    draw,
    focus: '.bioml-PromotionClose',
    className: 'bioml-PromotionDialog'
  });
}
