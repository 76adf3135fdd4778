import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RecordDataUse, RunDetail } from '../../api/wire';
import { formatBytes, printable, shortId } from '../../model/format';
import { shapeOf } from '../../model/record';
import { CopyButton } from '../CopyButton';
import { Figure, Name } from '../Figure';
import { Empty } from '../Notice';
import type { IRunTab } from './tab';

/** What the run read and wrote, each with its version and where that is tracked. */
export function Data(props: { detail: RunDetail; trans: TranslationBundle }): React.ReactElement {
  const { detail, trans } = props;
  const uses = detail.record.data ?? [];
  if (uses.length === 0) {
    return (
      <Empty>
        {trans.__('The cell read or wrote no files. Name a data frame with --data to keep its version too.')}
      </Empty>
    );
  }
  return (
    <div className="bioml-Scroll">
      <table className="bioml-Table">
        <thead>
          <tr>
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col">{trans.__('Role')}</th>
            <th scope="col" className="bioml-figure">
              {trans.__('Rows × columns')}
            </th>
            <th scope="col" className="bioml-figure">
              {trans.__('Size')}
            </th>
            <th scope="col">{trans.__('Version')}</th>
            <th scope="col">{trans.__('Tracked by')}</th>
            <th scope="col">{trans.__('Marks')}</th>
          </tr>
        </thead>
        <tbody>
          {uses.map((use, index) => (
            <Row key={index} use={use} trans={trans} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row(props: { use: RecordDataUse; trans: TranslationBundle }): React.ReactElement {
  const { use, trans } = props;
  return (
    <tr>
      <th scope="row">
        <Name text={use.name} />
      </th>
      <td>{roleWord(use.role, trans)}</td>
      <td className="bioml-figure">
        <Figure value={shapeOf(use)} trans={trans} />
      </td>
      <td className="bioml-figure">
        <Figure value={use.size} text={formatBytes(use.size)} unit="B" trans={trans} />
      </td>
      <td>
        <Digest digest={use.digest} trans={trans} />
        {use.digest_after && (
          <>
            {' → '}
            <Digest digest={use.digest_after} trans={trans} />
          </>
        )}
      </td>
      <td>{use.pointer ? <Name text={use.pointer} /> : <span className="bioml-soft">–</span>}</td>
      <td>{marksOf(use, trans).join(' · ')}</td>
    </tr>
  );
}

function Digest(props: { digest: string | null | undefined; trans: TranslationBundle }): React.ReactElement {
  const { digest, trans } = props;
  return digest ? (
    <span title={digest}>
      <code>{shortId(digest)}</code>
      <CopyButton text={digest} label={trans.__('Copy the whole digest')} trans={trans} />
    </span>
  ) : (
    <span className="bioml-soft">{trans.__('not known')}</span>
  );
}

/** What the run did with the data. */
export function roleWord(role: string, trans: TranslationBundle): string {
  switch (role) {
    case 'read':
      return trans.__('read');
    case 'written':
      return trans.__('written');
    case 'read-written':
      return trans.__('read and written');
    default:
      return printable(role).slice(0, 80);
  }
}

function marksOf(use: RecordDataUse, trans: TranslationBundle): string[] {
  return [
    ...(use.named ? [trans.__('named')] : []),
    ...(use.inherited ? [trans.__('read by an earlier cell')] : []),
    ...(use.changed_since ? [trans.__('⚠ changed while it was read')] : [])
  ];
}

export const dataTab: IRunTab = {
  id: 'data',
  rank: 40,
  label: trans => trans.__('Data'),
  render: ({ detail, trans }) => <Data detail={detail} trans={trans} />
};
