import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RecordReport } from '../../api/wire';
import { formatBytes } from '../../model/format';
import { CodeText } from '../CodeText';
import { Name } from '../Figure';
import { Empty } from '../Notice';
import { FileLink } from './FileLink';
import { Pairs } from './Pairs';
import type { IRunTab } from './tab';

/** Characters of a summary that are shown at first. */
const SUMMARY = 2000;

/** Where the files of a report are among the files of its run. */
function pathOf(kind: string, name: string): string {
  return `bioml/reports/${kind}/${name}`;
}

/** The results of checks on the run, one report of each kind. */
export function Reports(props: {
  reports: readonly RecordReport[];
  urlOf: (file: string) => string;
  onOpenFile: (file: string) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { reports, urlOf, onOpenFile, trans } = props;
  if (reports.length === 0) {
    return <Empty>{trans.__('No reports were written for this run.')}</Empty>;
  }
  return (
    <div className="bioml-Reports">
      {reports.map(report => (
        <Report key={report.kind} report={report} urlOf={urlOf} onOpenFile={onOpenFile} trans={trans} />
      ))}
    </div>
  );
}

function Report(props: {
  report: RecordReport;
  urlOf: (file: string) => string;
  onOpenFile: (file: string) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { report, urlOf, onOpenFile, trans } = props;
  const tags = Object.entries(report.tags ?? {});
  const files = Object.entries(report.blobs ?? {});
  return (
    <section>
      <h2>
        <Name text={report.kind} /> <Name className="bioml-Tag" text={report.state} />
      </h2>
      <Summary summary={report.summary ?? {}} trans={trans} />
      {tags.length > 0 && <Pairs pairs={tags} empty="" trans={trans} />}
      {files.length > 0 && (
        <ul className="bioml-Plain">
          {files.map(([name, file]) => (
            <li key={name}>
              <FileLink
                file={pathOf(report.kind, name)}
                name={name}
                url={urlOf(pathOf(report.kind, name))}
                onOpen={onOpenFile}
                trans={trans}
              />{' '}
              <span className="bioml-soft">{formatBytes(file.size)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What a report says first: each entry with its name; lists one below the other; what is not there is left out. */
function Summary(props: {
  summary: Readonly<Record<string, unknown>>;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const entries = Object.entries(props.summary)
    .map(([name, value]) => ({ name, texts: textsOf(value) }))
    .filter(entry => entry.texts.length > 0);
  if (entries.length === 0) {
    return null;
  }
  return (
    <dl className="bioml-Pairs">
      {entries.map(({ name, texts }) => (
        <div key={name}>
          <dt>
            <Name text={name} />
          </dt>
          <dd>
            {texts.map((text, index) => (
              <Lines key={index} text={text} trans={props.trans} />
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The texts of one entry of a summary; one for each item of a list. */
function textsOf(value: unknown): readonly string[] {
  if (value === null || value === undefined || value === '') {
    return [];
  }
  if (Array.isArray(value)) {
    return value.flatMap(textsOf);
  }
  if (typeof value === 'object') {
    const said = 'text' in value ? value.text : undefined;
    return [typeof said === 'string' ? said : JSON.stringify(value)];
  }
  return [String(value)];
}

/** A text on its own lines, with every character visible; a long one is cut until it is asked for. */
function Lines(props: { text: string; trans: TranslationBundle }): React.ReactElement {
  const { text, trans } = props;
  const [isWhole, setWhole] = React.useState(false);
  const isCut = text.length > SUMMARY && !isWhole;
  return (
    <p className="bioml-Note">
      <CodeText text={isCut ? `${text.slice(0, SUMMARY)}…` : text} />
      {isCut && (
        <>
          {' '}
          <button type="button" className="bioml-LinkButton" onClick={() => setWhole(true)}>
            {trans.__('Show all')}
          </button>
        </>
      )}
    </p>
  );
}

export const reportsTab: IRunTab = {
  id: 'reports',
  rank: 75,
  label: trans => trans.__('Reports'),
  count: ({ record }) => record.reports?.length || undefined,
  render: ({ detail, urlOf, onOpenFile, trans }) => (
    <Reports reports={detail.record.reports ?? []} urlOf={urlOf} onOpenFile={onOpenFile} trans={trans} />
  )
};
