import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { ModelVersion, RegisterOffer } from '../api/wire';
import { printable } from '../model/format';
import type { IRegisterFields } from '../model/register';
import { useCopy } from './CopyButton';
import { Loading, Problem } from './Notice';
import { TextField } from './TextField';

/** The form that makes a model version from a run; once it is made, what it is and how to load it. */
export function RegisterForm(props: {
  offer: RegisterOffer | null;
  error: Error | null;
  fields: IRegisterFields;
  nextVersion: string | null;
  canSubmit: boolean;
  busy: boolean;
  made: ModelVersion | null;
  onFill: (fields: Partial<IRegisterFields>) => void;
  onSubmit: () => void;
  onRetry: () => void;
  onClose: () => void;
  /** Show the version in the list of models; null where there is no such list. */
  onOpenModel: (() => void) | null;
  trans: TranslationBundle;
}): React.ReactElement {
  const { offer, error, made, trans } = props;
  if (made !== null) {
    return <Made version={made} onClose={props.onClose} onOpenModel={props.onOpenModel} trans={trans} />;
  }
  if (offer === null) {
    return (
      <div className="bioml-Register">
        {error ? <Problem error={error} onRetry={props.onRetry} trans={trans} /> : <Loading trans={trans} />}
        <Buttons onClose={props.onClose} trans={trans} />
      </div>
    );
  }
  if (!offer.can) {
    return (
      <div className="bioml-Register">
        <div className="bioml-RegisterRefusal" role="alert">
          <p>
            <span aria-hidden="true">✗ </span>
            {printable(offer.refusal?.message ?? trans.__('This run cannot be registered.'))}
          </p>
          <p className="bioml-soft">{printable(offer.refusal?.next ?? '')}</p>
        </div>
        <Buttons onClose={props.onClose} trans={trans} />
      </div>
    );
  }
  return <Form {...props} offer={offer} />;
}

function Form(
  props: React.ComponentProps<typeof RegisterForm> & { offer: RegisterOffer }
): React.ReactElement {
  const { offer, fields, nextVersion, busy, trans } = props;
  const known = offer.names.some(model => model.name === fields.name.trim());
  const form = React.useRef<HTMLFormElement>(null);
  React.useEffect(() => {
    const first = form.current?.querySelector('input');
    first?.focus();
    first?.select();
  }, []);
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    props.onSubmit();
  };
  return (
    <form ref={form} className="bioml-Register" onSubmit={submit} noValidate>
      <TextField
        label={trans.__('Name')}
        className="bioml-RegisterName"
        value={fields.name}
        placeholder={trans.__('an existing or a new name')}
        options={offer.names.map(model => model.name)}
        disabled={busy}
        onChange={name => props.onFill({ name })}
        note={
          nextVersion === null
            ? trans.__('Enter a name for the model.')
            : known
              ? trans.__('next version: %1', nextVersion)
              : trans.__('a new model, version %1', nextVersion)
        }
      />
      <TextField
        label={trans.__('Alias')}
        value={fields.alias}
        placeholder={trans.__('optional: challenger')}
        options={offer.aliases}
        disabled={busy}
        onChange={alias => props.onFill({ alias })}
      />
      <TextField
        label={trans.__('Description')}
        value={fields.description}
        placeholder={trans.__('optional')}
        disabled={busy}
        onChange={description => props.onFill({ description })}
      />
      <WillStore stored={offer.will_store} trans={trans} />
      {props.error && <Problem error={props.error} kept={trans.__('Your entries are kept.')} trans={trans} />}
      <p className="bioml-RegisterProgress bioml-soft" role="status">
        {busy ? trans.__('Registering… A run that is not in MLflow yet is published first.') : ''}
      </p>
      <Buttons onClose={props.onClose} trans={trans}>
        <button
          type="submit"
          className="jp-Dialog-button jp-mod-accept jp-mod-styled bioml-RegisterSubmit"
          disabled={!props.canSubmit}
        >
          {busy ? trans.__('Registering…') : trans.__('Register')}
        </button>
      </Buttons>
    </form>
  );
}

function WillStore(props: {
  stored: RegisterOffer['will_store'];
  trans: TranslationBundle;
}): React.ReactElement {
  return (
    <section className="bioml-RegisterStored" aria-label={props.trans.__('Will store')}>
      <h3>{props.trans.__('Will store')}</h3>
      <dl>
        {props.stored.map((item, index) => (
          <div key={index}>
            <dt>{printable(item.label)}</dt>
            <dd title={printable(item.text)}>{printable(item.text)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Made(props: {
  version: ModelVersion;
  onClose: () => void;
  onOpenModel: (() => void) | null;
  trans: TranslationBundle;
}): React.ReactElement {
  const { version, trans } = props;
  const [copied, copy] = useCopy();
  const snippet = version.load_code;
  const close = React.useRef<HTMLButtonElement>(null);
  React.useEffect(() => close.current?.focus(), []);
  const aliases = version.aliases.map(alias => ` @${alias}`).join('');
  return (
    <div className="bioml-Register">
      <p className="bioml-RegisterMade" role="status">
        <span aria-hidden="true">✓ </span>
        <strong>{printable(version.name)}</strong>{' '}
        {trans.__('version %1', version.version) + printable(aliases)}
      </p>
      <pre className="bioml-RegisterSnippet">{snippet}</pre>
      <div className="bioml-RegisterButtons">
        <button type="button" className="jp-Dialog-button jp-mod-styled" onClick={() => copy(snippet)}>
          {copied === null
            ? trans.__('Copy load snippet')
            : copied
              ? trans.__('Copied')
              : trans.__('The browser did not allow it')}
        </button>
        {props.onOpenModel && (
          <button type="button" className="jp-Dialog-button jp-mod-styled" onClick={props.onOpenModel}>
            {trans.__('Open model')}
          </button>
        )}
        <button
          ref={close}
          type="button"
          className="jp-Dialog-button jp-mod-accept jp-mod-styled"
          onClick={props.onClose}
        >
          {trans.__('Close')}
        </button>
      </div>
    </div>
  );
}

function Buttons(props: {
  onClose: () => void;
  children?: React.ReactNode;
  trans: TranslationBundle;
}): React.ReactElement {
  const close = React.useRef<HTMLButtonElement>(null);
  const isAlone = !props.children;
  // a dialog hears Escape only while something in it has the focus
  React.useEffect(() => (isAlone ? close.current?.focus() : undefined), [isAlone]);
  return (
    <div className="bioml-RegisterButtons">
      <button
        ref={close}
        type="button"
        className="jp-Dialog-button jp-mod-reject jp-mod-styled"
        onClick={props.onClose}
      >
        {props.children ? props.trans.__('Cancel') : props.trans.__('Close')}
      </button>
      {props.children}
    </div>
  );
}
