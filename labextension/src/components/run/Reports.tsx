import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RecordReport } from '../../api/wire';
import { formatBytes } from '../../model/format';
import { CodeText } from '../CodeText';
import { Figure, Name } from '../Figure';
import { Empty } from '../Notice';
import type { IRunTab } from './tab';

/** Characters of a summary that are shown at first. */
const SUMMARY = 2000;

/** Where the files of a report are among the files of its run. */
function pathOf(kind: string, name: string): string {
  return `bioml/reports/${kind}/${name}`;
}

/** What checks found out about the run, one report of each kind. */
export function Reports(props: {
  reports: readonly RecordReport[];
  urlOf: (file: string) => string;
  trans: TranslationBundle;
}): React.ReactElement {
  const { reports, urlOf, trans } = props;
  if (reports.length === 0) {
    return <Empty>{trans.__('No reports were written for this run.')}</Empty>;
  }
  return (
    <div className="bioml-Reports">
      {reports.map(report => (
        <Report key={report.kind} report={report} urlOf={urlOf} trans={trans} />
      ))}
    </div>
  );
}

function Report(props: {
  report: RecordReport;
  urlOf: (file: string) => string;
  trans: TranslationBundle;
}): React.ReactElement {
  const { report, urlOf, trans } = props;
  const tags = Object.entries(report.tags ?? {});
  const files = Object.entries(report.blobs ?? {});
  return (
    <section>
      <h2>
        <Name text={report.kind} /> <Name className="bioml-Tag" text={report.state} />
      </h2>
      <Summary text={report.summary} trans={trans} />
      {tags.length > 0 && (
        <dl className="bioml-Pairs">
          {tags.map(([key, value]) => (
            <div key={key}>
              <dt>
                <Name text={key} />
              </dt>
              <dd>
                <Figure value={value} trans={trans} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {files.length > 0 && (
        <ul className="bioml-Plain">
          {files.map(([name, file]) => (
            <li key={name}>
              <a className="bioml-Link" href={urlOf(pathOf(report.kind, name))} download>
                <Name text={name} />
              </a>{' '}
              <span className="bioml-soft">{formatBytes(file.size)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The summary on its own lines, with every character visible; a long one is cut until it is asked for. */
function Summary(props: { text: string; trans: TranslationBundle }): React.ReactElement | null {
  const { text, trans } = props;
  const [isWhole, setWhole] = React.useState(false);
  if (text.trim() === '') {
    return null;
  }
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
  render: ({ detail, urlOf, trans }) => (
    <Reports reports={detail.record.reports ?? []} urlOf={urlOf} trans={trans} />
  )
};
