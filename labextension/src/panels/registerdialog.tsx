import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { RegisterForm } from '../components/RegisterForm';
import type { RegisterModel } from '../model/register';
import { FormDialog } from './formdialog';

/** The register form in a dialog. @param onOpenModel - shows what was registered; null: nothing can. */
export function registerDialog(
  model: RegisterModel,
  title: string,
  onOpenModel: (() => void) | null,
  trans: TranslationBundle
): FormDialog {
  const draw = (close: () => void): React.ReactElement => (
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
      onClose={close}
      onOpenModel={onOpenModel && ((): void => (close(), onOpenModel()))}
      trans={trans}
    />
  );
  return new FormDialog({ title, changed: model.changed, draw, focus: 'input' });
}
