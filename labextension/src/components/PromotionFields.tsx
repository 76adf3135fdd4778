import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { brief } from '../model/format';
import type { Act, IPromotionFields } from '../model/promotion';
import { TextField } from './TextField';

/** Meanings of an approval that every project knows; a policy may name others. */
const MEANINGS = ['approval', 'review'];

/** What is to be filled in for an act, and what it will do. */
export function PromotionFields(props: {
  act: Act;
  alias: string;
  fields: IPromotionFields;
  isBusy: boolean;
  onFill: (fields: Partial<IPromotionFields>) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { act, fields, trans } = props;
  const isOptional = act === 'promote' || act === 'roll-back';
  return (
    <>
      <Explanation act={act} alias={brief(props.alias)} trans={trans} />
      {act === 'decide' && <Decision {...props} />}
      {act === 'decide' && fields.decision === 'approve' && (
        <TextField
          label={trans.__('Meaning')}
          value={fields.meaning}
          placeholder={trans.__('approval, review, or one defined in the policy')}
          options={MEANINGS}
          disabled={props.isBusy}
          onChange={meaning => props.onFill({ meaning })}
        />
      )}
      <TextField
        label={trans.__('Reason')}
        value={fields.reason}
        placeholder={isOptional ? trans.__('optional') : trans.__('required: it is kept in the audit log')}
        disabled={props.isBusy}
        onChange={reason => props.onFill({ reason })}
      />
    </>
  );
}

function Explanation(props: {
  act: Act;
  alias: string;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { act, alias, trans } = props;
  if (act === 'promote') {
    return null;
  }
  if (act === 'override') {
    return (
      <p className="bioml-PromotionWarning" role="note">
        <span aria-hidden="true">⚠ </span>
        {trans.__(
          'This promotes the version although gates refuse. It stays marked permanently with the override, your name, the reason and the gates that refused.'
        )}
      </p>
    );
  }
  return (
    <p className="bioml-soft" role="note">
      {act === 'decide'
        ? trans.__(
            'Recorded in your name, for this version only. It is void as soon as the model’s files change.'
          )
        : trans.__(
            '%1 goes back to the version that held it before, according to the audit log. Gates are not checked.',
            alias
          )}
    </p>
  );
}

function Decision(props: {
  fields: IPromotionFields;
  isBusy: boolean;
  onFill: (fields: Partial<IPromotionFields>) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { fields, onFill, trans } = props;
  const id = React.useId();
  return (
    <div className="bioml-RegisterField">
      <label htmlFor={id}>{trans.__('Decision')}</label>
      <select
        id={id}
        className="bioml-PromotionSelect"
        value={fields.decision}
        disabled={props.isBusy}
        onChange={event => onFill({ decision: event.target.value === 'reject' ? 'reject' : 'approve' })}
      >
        <option value="approve">{trans.__('approve')}</option>
        <option value="reject">{trans.__('reject: earlier approvals are void')}</option>
      </select>
    </div>
  );
}
