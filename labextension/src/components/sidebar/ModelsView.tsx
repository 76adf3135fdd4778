import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RegisteredModel, ModelVersion } from '../../api/wire';
import { printable } from '../../model/format';
import type { IVersionCommand } from '../../tokens';
import { Name, Moment } from '../Figure';
import { BriefProblem, Empty, Loading } from '../Notice';
import { useNow } from './useNow';

/** Longest part of a description that is shown. */
const ABOUT = 1000;

interface IModelActions {
  /** What can be done with a version: its buttons. */
  commands: readonly IVersionCommand[];
  onCommand: (command: IVersionCommand, version: ModelVersion) => void;
  onRemoveAlias: (version: ModelVersion, alias: string) => void;
}

interface IModelsViewProps extends IModelActions {
  models: readonly RegisteredModel[] | null;
  error: Error | null;
  /** The version to show, `name` and `version`; null: none in particular. */
  shown: { name: string; version: string } | null;
  onRetry: () => void;
  trans: TranslationBundle;
}

/** The registered models, each with its versions, newest first. */
export function ModelsView(props: IModelsViewProps): React.ReactElement {
  const { models, error, trans } = props;
  const now = useNow(false);
  return (
    <div className="bioml-Models">
      {error && <BriefProblem error={error} onRetry={props.onRetry} trans={trans} />}
      {models === null && !error && <Loading trans={trans} />}
      {models?.length === 0 && !error && (
        <Empty>
          {trans.__(
            'No models are registered yet. Select a finished run that has a model, then press “Register…”.'
          )}
        </Empty>
      )}
      {models?.map(model => (
        <ModelEntry key={model.name} {...props} model={model} now={now} />
      ))}
    </div>
  );
}

function ModelEntry(props: IModelsViewProps & { model: RegisteredModel; now: number }): React.ReactElement {
  const { model, shown, trans } = props;
  const isShown = shown?.name === model.name;
  const [isOpen, setOpen] = React.useState(isShown);
  React.useEffect(() => setOpen(open => open || isShown), [isShown]);
  const [latest] = model.versions;
  return (
    <details
      className="bioml-Model"
      open={isOpen}
      onToggle={event => setOpen((event.currentTarget as HTMLDetailsElement).open)}
    >
      <summary className="bioml-Model-head">
        <Name text={model.name} />
        {latest && <Version version={latest} />}
        <span className="bioml-soft">{trans._n('%1 version', '%1 versions', model.versions.length)}</span>
      </summary>
      <About text={model.description} />
      <ul className="bioml-Model-versions">
        {isOpen &&
          model.versions.map(version => (
            <VersionEntry
              key={version.version}
              {...props}
              version={version}
              isShown={isShown && shown?.version === version.version}
            />
          ))}
      </ul>
    </details>
  );
}

/** What somebody wrote about a model or a version of it: its first lines, more of it in the title. */
function About(props: { text: string }): React.ReactElement | null {
  const text = props.text.trim();
  if (text === '') {
    return null;
  }
  const lines = text.slice(0, ABOUT).split(/\r?\n/).map(printable).join('\n');
  const shown = text.length > ABOUT ? `${lines}…` : lines;
  return (
    <p className="bioml-Model-about" title={shown}>
      {shown}
    </p>
  );
}

function Version(props: { version: ModelVersion }): React.ReactElement {
  return (
    <>
      <span className="bioml-Model-number">v{printable(props.version.version)}</span>
      {props.version.aliases.map(alias => (
        <span key={alias} className="bioml-Mark">
          {printable(alias)}
        </span>
      ))}
    </>
  );
}

function VersionEntry(
  props: IModelsViewProps & { version: ModelVersion; isShown: boolean; now: number }
): React.ReactElement {
  const { version, isShown, now, trans } = props;
  const entry = React.useRef<HTMLLIElement>(null);
  React.useEffect(() => {
    if (isShown) {
      entry.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [isShown]);
  return (
    <li ref={entry} className={`bioml-Version${isShown ? ' bioml-mod-shown' : ''}`}>
      <div className="bioml-Version-head">
        <span className="bioml-Model-number">v{printable(version.version)}</span>
        {version.aliases.map(alias => (
          <span key={alias} className="bioml-Mark">
            {printable(alias)}
            <button
              type="button"
              className="bioml-Mark-remove"
              aria-label={trans.__('Remove the alias %1', printable(alias))}
              title={trans.__('Remove the alias %1', printable(alias))}
              onClick={() => props.onRemoveAlias(version, alias)}
            >
              ×
            </button>
          </span>
        ))}
        <span className="bioml-soft">
          {version.user !== null && <Name text={version.user} />}{' '}
          <Moment at={version.created} now={now} trans={trans} />
        </span>
      </div>
      <Origin version={version} trans={trans} />
      <About text={version.description} />
      <VersionActions {...props} />
    </li>
  );
}

function Origin(props: { version: ModelVersion; trans: TranslationBundle }): React.ReactElement {
  const { version, trans } = props;
  const run = version.run_name ?? version.record_id ?? version.run_id;
  return (
    <div className="bioml-Version-origin bioml-soft">
      {run === null ? (
        trans.__('made elsewhere: the run is unknown')
      ) : (
        <>
          {trans.__('from')} <Name text={run} />
        </>
      )}
      {version.notebook !== null && (
        <>
          {' · '}
          <Name text={version.notebook} />
        </>
      )}
    </div>
  );
}

function VersionActions(
  props: IModelActions & { version: ModelVersion; trans: TranslationBundle }
): React.ReactElement {
  const { version, commands, onCommand, trans } = props;
  const whole = `${printable(version.name)} v${printable(version.version)}`;
  return (
    <div className="bioml-Version-actions" role="group" aria-label={trans.__('Actions on %1', whole)}>
      {commands.map(command => {
        const hindrance = command.hindrance?.(version) ?? null;
        return (
          <button
            key={command.id}
            type="button"
            className="bioml-Button"
            disabled={hindrance !== null}
            title={hindrance ?? command.caption}
            onClick={() => onCommand(command, version)}
          >
            {command.label}
          </button>
        );
      })}
    </div>
  );
}
