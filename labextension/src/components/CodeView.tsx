import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { DiffLine } from '../api/wire';
import { CodeText } from './CodeText';

/** Source text with line numbers. */
export function CodeView(props: { source: string; label: string }): React.ReactElement {
  const lines = props.source.split('\n');
  return (
    <div className="bioml-Code" role="group" tabIndex={0} aria-label={props.label}>
      <pre className="bioml-LineNumbers" aria-hidden="true">
        {lines.map((_, index) => index + 1).join('\n')}
      </pre>
      <pre className="bioml-CodeText" dir="ltr">
        <CodeText text={props.source} />
      </pre>
    </div>
  );
}

/** Lines that are the same in both are folded where more than this many follow each other… */
const FOLDED = 8;
/** …leaving so many on each side. */
const CONTEXT = 3;

type Piece = { kind: 'lines'; lines: readonly DiffLine[] } | { kind: 'fold'; lines: readonly DiffLine[] };

/** Runs of unchanged lines become folds. */
export function foldLines(lines: readonly DiffLine[]): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  for (let at = 0; at <= lines.length; at++) {
    if (at < lines.length && lines[at].kind === ' ') {
      continue;
    }
    const head = start === 0 ? 0 : CONTEXT;
    const tail = at === lines.length ? 0 : CONTEXT;
    if (at - start > FOLDED) {
      pieces.push({ kind: 'lines', lines: lines.slice(start, start + head) });
      pieces.push({ kind: 'fold', lines: lines.slice(start + head, at - tail) });
      pieces.push({ kind: 'lines', lines: lines.slice(at - tail, at + 1) });
    } else {
      pieces.push({ kind: 'lines', lines: lines.slice(start, at + 1) });
    }
    start = at + 1;
  }
  return pieces.filter(piece => piece.lines.length > 0);
}

interface IDiffViewProps {
  lines: readonly DiffLine[];
  label: string;
  trans: TranslationBundle;
}

/** A diff: sign, both line numbers, text; long unchanged stretches folded. */
export function DiffView(props: IDiffViewProps): React.ReactElement {
  const { lines, label, trans } = props;
  const [open, setOpen] = React.useState<ReadonlySet<number>>(new Set());
  const pieces = React.useMemo(() => foldLines(lines), [lines]);
  if (lines.every(line => line.kind === ' ')) {
    return <p className="bioml-Empty">{trans.__('The code is the same.')}</p>;
  }
  return (
    <div className="bioml-Scroll" role="group" tabIndex={0} aria-label={label}>
      <table className="bioml-Diff">
        <tbody>
          {pieces.map((piece, index) =>
            piece.kind === 'lines' || open.has(index) ? (
              piece.lines.map((line, at) => <DiffRow key={`${index}.${at}`} line={line} trans={trans} />)
            ) : (
              <tr key={index}>
                <td colSpan={4}>
                  <button
                    type="button"
                    className="bioml-Link"
                    onClick={() => setOpen(new Set([...open, index]))}
                  >
                    {trans.__('%1 lines are the same ▸', piece.lines.length)}
                  </button>
                </td>
              </tr>
            )
          )}
        </tbody>
      </table>
    </div>
  );
}

function DiffRow(props: { line: DiffLine; trans: TranslationBundle }): React.ReactElement {
  const { line, trans } = props;
  const kind = { '+': 'added', '-': 'removed', ' ': 'same' }[line.kind];
  const word = { '+': trans.__('added'), '-': trans.__('removed'), ' ': '' }[line.kind];
  return (
    <tr className={`bioml-mod-${kind}`}>
      <td className="bioml-LineNumber">{line.left}</td>
      <td className="bioml-LineNumber">{line.right}</td>
      <td className="bioml-Sign">
        {word ? (
          <span role="img" aria-label={word}>
            {line.kind === '-' ? '−' : '+'}
          </span>
        ) : null}
      </td>
      <td className="bioml-CodeText" dir="ltr">
        <CodeText text={line.text} />
      </td>
    </tr>
  );
}
