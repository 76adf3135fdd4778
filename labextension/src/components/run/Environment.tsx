import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { EnvironmentFacts, RunDetail } from '../../api/wire';
import { shortId } from '../../model/format';
import { own } from '../../model/own';
import { pipInstall } from '../../model/record';
import { CopyButton } from '../CopyButton';
import { Figure, Name } from '../Figure';
import { Empty } from '../Notice';
import type { IRunTab } from './tab';

/** What is another than in the previous run, then everything. */
export function Environment(props: { detail: RunDetail; trans: TranslationBundle }): React.ReactElement {
  const { detail, trans } = props;
  const { environment, environment_changes: changes, previous } = detail;
  if (environment === null) {
    return (
      <Empty>
        {trans.__('The environment was not captured: see “Not captured” on the overview for why.')}
      </Empty>
    );
  }
  const changed = Object.fromEntries(
    changes.flatMap(({ name }) => {
      const version = own(environment.packages, name);
      return version === undefined ? [] : [[name, version]];
    })
  );
  return (
    <div>
      <section>
        <h2>{trans.__('Different from the previous run')}</h2>
        {changes.length === 0 ? (
          <Empty>
            {previous === null
              ? trans.__('This is the first run with this name.')
              : trans.__('No differences.')}
          </Empty>
        ) : (
          <>
            <table className="bioml-Table">
              <thead>
                <tr>
                  <th scope="col">{trans.__('Name')}</th>
                  <th scope="col">{trans.__('Previous run')}</th>
                  <th scope="col">{trans.__('This run')}</th>
                </tr>
              </thead>
              <tbody>
                {changes.map(change => (
                  <tr key={change.name} className="bioml-mod-differs">
                    <th scope="row">
                      <span aria-hidden="true">≠ </span>
                      <Name text={change.name} />
                    </th>
                    <td>
                      <Figure value={change.before} trans={trans} />
                    </td>
                    <td>
                      <Figure value={change.after} trans={trans} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            <CopyInstall
              packages={changed}
              label={trans.__('Copy pip install command for these')}
              trans={trans}
            />
          </>
        )}
      </section>
      <Everything environment={environment} trans={trans} />
    </div>
  );
}

function Everything(props: { environment: EnvironmentFacts; trans: TranslationBundle }): React.ReactElement {
  const { environment, trans } = props;
  const [text, setText] = React.useState('');
  const all = Object.entries(environment.packages).sort(([a], [b]) => a.localeCompare(b));
  const found = all.filter(([name]) => name.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <section>
      <h2>{trans.__('Everything')}</h2>
      <p>
        Python <Figure value={environment.python} trans={trans} /> ·{' '}
        <Figure value={environment.platform} trans={trans} /> ·{' '}
        <span title={environment.digest}>{shortId(environment.digest)}</span>
      </p>
      <div className="bioml-Choices">
        <input
          type="search"
          className="bioml-Search"
          placeholder={trans.__('Search %1 packages…', all.length)}
          aria-label={trans.__('Search packages')}
          value={text}
          onChange={event => setText(event.target.value)}
        />
        <CopyInstall
          packages={environment.packages}
          label={trans.__('Copy pip install command for all')}
          trans={trans}
        />
      </div>
      {found.length === 0 ? (
        <Empty>{trans.__('No package name matches.')}</Empty>
      ) : (
        <dl className="bioml-Pairs bioml-Packages">
          {found.map(([name, version]) => (
            <div key={name}>
              <dt>
                <Name text={name} />
              </dt>
              <dd>
                <Figure value={version} trans={trans} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function CopyInstall(props: {
  packages: Readonly<Record<string, string>>;
  label: string;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { packages, label, trans } = props;
  const { command, left } = React.useMemo(() => pipInstall(packages), [packages]);
  if (command === '') {
    return null;
  }
  return (
    <>
      <CopyButton text={command} label={command.slice(0, 300)} trans={trans}>
        {label}
      </CopyButton>
      {left > 0 && (
        <span className="bioml-soft">
          {trans.__('%1 left out: pip would not accept their names or versions', left)}
        </span>
      )}
    </>
  );
}

export const environmentTab: IRunTab = {
  id: 'environment',
  rank: 50,
  label: trans => trans.__('Environment'),
  render: ({ detail, trans }) => <Environment detail={detail} trans={trans} />
};
