import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { FileEntry } from '../../api/wire';
import { formatBytes } from '../../model/format';
import { Figure } from '../Figure';
import { Empty, Lazy } from '../Notice';
import { FileLink } from './FileLink';
import type { IRunTab } from './tab';

/** The files kept with the run. */
export function Files(props: {
  files: readonly FileEntry[];
  urlOf: (path: string) => string;
  onOpenFile: (path: string) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { files, urlOf, onOpenFile, trans } = props;
  if (files.length === 0) {
    return <Empty>{trans.__('No files were kept with this run.')}</Empty>;
  }
  return (
    <table className="bioml-Table">
      <thead>
        <tr>
          <th scope="col">{trans.__('File')}</th>
          <th scope="col" className="bioml-figure">
            {trans.__('Size')}
          </th>
        </tr>
      </thead>
      <tbody>
        {files.map(file => (
          <tr key={file.path}>
            <th scope="row">
              <FileLink
                file={file.path}
                name={file.path}
                url={urlOf(file.path)}
                onOpen={onOpenFile}
                trans={trans}
              />
            </th>
            <td className="bioml-figure">
              <Figure value={file.size} text={formatBytes(file.size)} unit="B" trans={trans} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export const filesTab: IRunTab = {
  id: 'files',
  rank: 80,
  label: trans => trans.__('Files'),
  parts: model => [model.files],
  render: ({ model, urlOf, onOpenFile, onTab, trans }) => (
    <Lazy part={model.files} onRetry={() => onTab('files')} trans={trans}>
      {files => <Files files={files} urlOf={urlOf} onOpenFile={onOpenFile} trans={trans} />}
    </Lazy>
  )
};
