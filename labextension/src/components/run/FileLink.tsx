import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { shortName } from '../../model/name';
import { Name } from '../Figure';

/** A file of a run: opened here by its name, and downloaded by the arrow beside it. */
export function FileLink(props: {
  /** Where it is among the run's files. */
  file: string;
  /** What it is called here. */
  name: string;
  url: string;
  onOpen: (file: string) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { file, name, url, onOpen, trans } = props;
  return (
    <>
      <button
        type="button"
        className="bioml-Link"
        title={trans.__('Open it here')}
        onClick={() => onOpen(file)}
      >
        <Name text={name} />
      </button>{' '}
      <a
        className="bioml-Download"
        href={url}
        download
        aria-label={trans.__('Download %1', shortName(name))}
        title={trans.__('Download')}
      >
        ⤓
      </a>
    </>
  );
}
