import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Promotion } from '../api/wire';
import { brief, printable } from '../model/format';
import { shortName } from '../model/name';
import type { Act, Hindrance, IPromotionFields, Outcome } from '../model/promotion';
import { outcomeText } from '../model/promotiontext';
import { Name } from './Figure';
import { Loading, Problem } from './Notice';
import { PromotionFields } from './PromotionFields';
import { PromotionGates } from './PromotionGates';
import type { IReproduce } from './Reproduction';

interface IPromotionViewProps {
  name: string;
  version: string;
  alias: string;
  aliases: readonly string[];
  /** The version that holds the alias now. */
  holder: string | null;
  answer: Promotion | null;
  isAsking: boolean;
  /** How far that is. */
  asking: Promotion['asking'];
  isBusy: boolean;
  error: Error | null;
  /** Whose form is open. */
  act: Act;
  fields: IPromotionFields;
  outcome: Outcome | null;
  /** Why an act cannot be begun; null: it can. */
  hindrance: (act: Act) => Hindrance | null;
  /** Why what is open cannot be done as it is filled in. */
  hindranceNow: Hindrance | null;
  onChoose: (alias: string) => void;
  onOpen: (act: Act) => void;
  onFill: (fields: Partial<IPromotionFields>) => void;
  onSubmit: () => void;
  onRetry: () => void;
  onClose: () => void;
  /** Makes the version's run again; null: it is unknown, or runs are not reproduced here. */
  reproduce: IReproduce | null;
  trans: TranslationBundle;
}

/** One version and one alias: what the gates say, who holds it, and what can be done. */
export function PromotionView(props: IPromotionViewProps): React.ReactElement {
  const { answer, act, error, isBusy, trans } = props;
  const form = useFocus(act, isBusy);
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    props.onSubmit();
  };
  const retry = answer === null && !props.isAsking && act === 'promote' ? props.onRetry : undefined;
  return (
    <form
      ref={form}
      className={`bioml-Register bioml-Promotion${act === 'promote' ? '' : ' bioml-mod-form'}`}
      onSubmit={submit}
      noValidate
    >
      <Head {...props} />
      {answer === null && props.isAsking && <Loading trans={trans} />}
      {answer !== null && (
        <PromotionGates
          answer={answer}
          steps={{ reproduce: props.reproduce, onApprove: () => props.onOpen('decide') }}
          trans={trans}
        />
      )}
      {props.outcome && <Done outcome={props.outcome} trans={trans} />}
      {(act !== 'promote' || props.hindrance('promote') === null) && <PromotionFields {...props} />}
      {error && (
        <Problem
          error={error}
          kept={act === 'promote' ? '' : trans.__('Your entries are kept.')}
          onRetry={retry}
          trans={trans}
        />
      )}
      <p className="bioml-RegisterProgress bioml-soft" role="status">
        {isBusy
          ? trans.__('Working… Checking the gates may take a while.')
          : props.asking !== null && props.asking.gate !== ''
            ? trans.__('Checking the gate %1…', shortName(props.asking.gate))
            : answer !== null && props.isAsking
              ? trans.__('Checking the gates again…')
              : ''}
      </p>
      <Buttons {...props} />
    </form>
  );
}

/** A dialog hears Escape only while something in it has the focus, which a button that is disabled loses. */
function useFocus(act: Act, isBusy: boolean): React.RefObject<HTMLFormElement> {
  const form = React.useRef<HTMLFormElement>(null);
  React.useEffect(() => {
    const find = (selector: string): HTMLElement | null | undefined => form.current?.querySelector(selector);
    const field = act === 'promote' || isBusy ? null : find('.bioml-RegisterField :is(input, select)');
    (field ?? find('.bioml-PromotionClose'))?.focus();
  }, [act, isBusy]);
  return form;
}

function Head(props: IPromotionViewProps): React.ReactElement {
  const { alias, aliases, holder, trans } = props;
  const id = React.useId();
  const known = aliases.includes(alias) || alias === '' ? aliases : [...aliases, alias];
  return (
    <div className="bioml-PromotionHead">
      <span>{trans.__('Version')}</span>
      <span className="bioml-PromotionName">
        <Name text={props.name} />
        <span>@{brief(props.version, 20)}</span>
      </span>
      <label htmlFor={id}>{trans.__('Alias')}</label>
      <select
        id={id}
        className="bioml-PromotionSelect"
        value={alias}
        disabled={props.isBusy || known.length === 0}
        title={trans.__('Aliases with gates in bioml-policy.yaml')}
        onChange={event => props.onChoose(event.target.value)}
      >
        {known.map(one => (
          <option key={one} value={one}>
            {shortName(one)}
          </option>
        ))}
      </select>
      <span>{trans.__('Held by')}</span>
      <span className="bioml-PromotionHolder">
        {props.answer === null
          ? '–'
          : holder === null
            ? trans.__('no version')
            : holder === props.version
              ? trans.__('this version')
              : trans.__('version %1', brief(holder, 20))}
      </span>
    </div>
  );
}

function Done(props: { outcome: Outcome; trans: TranslationBundle }): React.ReactElement {
  const { outcome, trans } = props;
  const { isDone, text } = outcomeText(outcome, trans);
  return (
    <div className="bioml-PromotionDone" role={isDone ? 'status' : 'alert'}>
      <span aria-hidden="true">{isDone ? '✓ ' : '✗ '}</span>
      {text}
      {outcome.kind === 'decided' && (
        <div className="bioml-soft">{printable(outcome.answer.identity.slice(0, 1000))}</div>
      )}
      {outcome.answer.notes.map((note, index) => (
        <div key={index} className="bioml-soft">
          {brief(note, 1000)}
        </div>
      ))}
    </div>
  );
}

function Buttons(props: IPromotionViewProps): React.ReactElement {
  const { act, answer, hindrance, trans } = props;
  const hasRefusal = answer !== null && answer.failing.length > 0 && props.holder !== props.version;
  if (act !== 'promote') {
    return (
      <div className="bioml-RegisterButtons">
        <Button
          label={trans.__('Back')}
          onClick={() => props.onOpen('promote')}
          className="jp-mod-reject bioml-PromotionClose"
        />
        <Accept {...props} label={labelOf(act, props.fields, trans)} why={props.hindranceNow} />
      </div>
    );
  }
  return (
    <div className="bioml-RegisterButtons">
      <Button
        label={trans.__('Close')}
        onClick={props.onClose}
        className="jp-mod-reject bioml-PromotionClose"
      />
      <Opener {...props} act="roll-back" label={trans.__('Roll back…')} />
      <Opener {...props} act="decide" label={trans.__('Approve…')} />
      {hasRefusal && <Opener {...props} act="override" label={trans.__('Promote anyway…')} />}
      <Accept {...props} label={trans.__('Promote')} why={hindrance('promote')} />
    </div>
  );
}

function labelOf(act: Act, fields: IPromotionFields, trans: TranslationBundle): string {
  switch (act) {
    case 'override':
      return trans.__('Promote anyway');
    case 'roll-back':
      return trans.__('Roll back');
    default:
      return fields.decision === 'approve' ? trans.__('Approve') : trans.__('Reject');
  }
}

/** Opens the form of an act. */
function Opener(props: IPromotionViewProps & { label: string }): React.ReactElement {
  const why = props.hindrance(props.act);
  return (
    <Button
      label={props.label}
      isDisabled={why !== null}
      title={whyText(why, props)}
      onClick={() => props.onOpen(props.act)}
    />
  );
}

/** Does the act that is open; beside it stands why it cannot be done. */
function Accept(props: IPromotionViewProps & { label: string; why: Hindrance | null }): React.ReactElement {
  const id = React.useId();
  const text = whyText(props.why, props);
  return (
    <>
      <button
        type="submit"
        className="jp-Dialog-button jp-mod-accept jp-mod-styled bioml-PromotionSubmit"
        disabled={props.why !== null}
        aria-describedby={text ? id : undefined}
      >
        {props.label}
      </button>
      {text && (
        <span id={id} className="bioml-PromotionWhy bioml-soft">
          {text}
        </span>
      )}
    </>
  );
}

function Button(props: {
  label: string;
  onClick: () => void;
  isDisabled?: boolean;
  title?: string;
  className?: string;
}): React.ReactElement {
  return (
    <button
      type="button"
      className={`jp-Dialog-button jp-mod-styled ${props.className ?? ''}`}
      disabled={props.isDisabled}
      title={props.title || undefined}
      onClick={props.onClick}
    >
      {props.label}
    </button>
  );
}

function whyText(why: Hindrance | null, props: IPromotionViewProps): string {
  const { act, answer, trans } = props;
  const alias = shortName(props.alias, 60);
  switch (why) {
    case 'held':
      return trans.__('This version already holds %1.', alias);
    case 'refused': {
      const gates = (answer?.failing ?? []).map(gate => shortName(gate, 60)).join(', ');
      return trans._n(
        'Not yet: the gate %2 refuses.',
        'Not yet: the gates %2 refuse.',
        answer?.failing.length ?? 0,
        gates
      );
    }
    case 'passed':
      return trans.__('All gates pass now: no override is needed.');
    case 'no-holder':
      return trans.__('No version holds %1, so there is nothing to roll back.', alias);
    case 'words':
      return act === 'decide' && props.fields.reason.trim() !== ''
        ? trans.__('Enter the meaning.')
        : trans.__('Enter a reason.');
    case 'not-known':
      return trans.__('The gates have not been checked.');
    default:
      return '';
  }
}
