import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { PromotionView } from '../components/PromotionView';
import type { PromotionModel } from '../model/promotion';
import type { IReproduce } from '../components/Reproduction';
import { isUnderWay } from '../model/jobs';
import type { IReproductions } from '../tokens';
import { FormDialog } from './formdialog';
import { reproduceOf } from './reproduce';

/** The gates of a model version and what can be done, in a dialog. */
export function promotionDialog(
  model: PromotionModel,
  title: string,
  reproductions: IReproductions | null,
  trans: TranslationBundle
): FormDialog {
  const draw = (close: () => void): React.ReactElement => (
    <PromotionView
      name={model.name}
      version={model.version}
      alias={model.alias}
      aliases={model.aliases}
      holder={model.holder}
      answer={model.answer}
      isAsking={model.isAsking}
      asking={model.asking}
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
      reproduce={reproduceVersion(model, reproductions)}
      trans={trans}
    />
  );
  const dialog = new FormDialog({
    title,
    changed: model.changed,
    draw,
    focus: '.bioml-PromotionClose',
    className: 'bioml-PromotionDialog'
  });
  followReproduction(dialog, model, reproductions);
  return dialog;
}

/** Making the run of the version again. */
function reproduceVersion(model: PromotionModel, reproductions: IReproductions | null): IReproduce | null {
  const run = model.answer?.run_id ?? null;
  if (run === null || reproductions === null) {
    return null;
  }
  const named = { record_id: run, run_id: run, name: `${model.name}@${model.version}` };
  return reproduceOf(named, model.path, reproductions, null);
}

/** The dialog shows how far a reproduction is; once it has ended the gates are asked again. */
function followReproduction(
  dialog: FormDialog,
  model: PromotionModel,
  reproductions: IReproductions | null
): void {
  let wasUnderWay = false;
  const follow = (): void => {
    const now = reproduceVersion(model, reproductions)?.now ?? null;
    const has = now?.phase === 'done' && wasUnderWay;
    wasUnderWay = isUnderWay(now);
    if (has) {
      void model.load();
    }
    model.redraw();
  };
  reproductions?.changed.connect(follow);
  dialog.disposed.connect(() => reproductions?.changed.disconnect(follow));
}
