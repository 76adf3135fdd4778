import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunOutput } from '../../api/wire';
import { type Content, contentOf } from '../../model/content';
import { formatBytes } from '../../model/format';
import { stripAnsi } from '../../model/record';
import { Empty, Lazy } from '../Notice';
import type { IRunTab } from './tab';

interface IOutputsProps {
  outputs: readonly RunOutput[];
  trans: TranslationBundle;
}

/** What the cell printed and displayed, in order. */
export function Outputs(props: IOutputsProps): React.ReactElement {
  const { outputs, trans } = props;
  if (outputs.length === 0) {
    return <Empty>{trans.__('The cell printed and displayed nothing.')}</Empty>;
  }
  return (
    <ol className="bioml-Outputs">
      {outputs.map((output, index) => (
        <li key={index} className={`bioml-mod-${output.kind}`}>
          <div className="bioml-soft bioml-OutputKind">
            {kindWord(output.kind, trans)}
            {output.cut && ` · ${trans.__('truncated from %1', formatBytes(output.size))}`}
          </div>
          <Shown output={output} trans={trans} />
        </li>
      ))}
    </ol>
  );
}

function Shown(props: { output: RunOutput; trans: TranslationBundle }): React.ReactElement {
  const { output, trans } = props;
  const content = React.useMemo(() => contentOf(output), [output]);
  return <ContentView content={content} size={output.size} trans={trans} />;
}

/** Something that a run made, as far as it can be shown without running anything of it. */
export function ContentView(props: {
  content: Content;
  /** Bytes of the whole. */
  size: number;
  trans: TranslationBundle;
}): React.ReactElement {
  const { content, size, trans } = props;
  switch (content.kind) {
    case 'text':
      return (
        <pre className="bioml-OutputText" tabIndex={0}>
          {stripAnsi(content.text)}
        </pre>
      );
    case 'image':
      return <img className="bioml-OutputImage" src={content.url} alt={trans.__('Figure from the cell')} />;
    case 'html':
      return (
        <>
          <iframe
            className="bioml-OutputFrame"
            sandbox=""
            referrerPolicy="no-referrer"
            title={trans.__('Captured HTML')}
            srcDoc={content.page}
            style={{ height: content.height }}
          />
          <div className="bioml-soft">
            {trans.__('Shown in a sandbox, without scripts or network access.')}
          </div>
        </>
      );
    case 'file':
      return (
        <a className="bioml-Button" href={content.url} download={`output${suffixOf(content.mime)}`}>
          {trans.__('Download (%1, %2)', content.mime, formatBytes(size))}
        </a>
      );
    case 'nothing':
      return <Empty>{trans.__('The content was not kept.')}</Empty>;
  }
}

function suffixOf(mime: string): string {
  return mime === 'application/pdf' ? '.pdf' : '.bin';
}

function kindWord(kind: RunOutput['kind'], trans: TranslationBundle): string {
  switch (kind) {
    case 'stdout':
      return trans.__('printed');
    case 'stderr':
      return trans.__('printed to stderr');
    case 'display':
      return trans.__('displayed');
    case 'result':
      return trans.__('result');
  }
}

export const outputsTab: IRunTab = {
  id: 'outputs',
  rank: 70,
  label: trans => trans.__('Outputs'),
  parts: model => [model.outputs],
  render: ({ model, onTab, trans }) => (
    <Lazy part={model.outputs} onRetry={() => onTab('outputs')} trans={trans}>
      {outputs => <Outputs outputs={outputs} trans={trans} />}
    </Lazy>
  )
};
