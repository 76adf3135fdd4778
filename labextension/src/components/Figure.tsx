import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import * as format from '../model/format';
import { parted } from '../model/name';
import { CopySaid, useCopy } from './CopyButton';

interface IFigureProps {
  value: format.Figure;
  /** How the value is written; default: four significant digits. The full value is copied in any case. */
  text?: string;
  /** The unit of the full value in the title, `s` or `B`. */
  unit?: string;
  /** There is none: null then stands for Python's None. */
  isAbsent?: boolean;
  trans: TranslationBundle;
}

/** Longest text of a title: what is longer is copied, not read. */
const TITLE = 400;

/** One figure: short to read, whole in its title, and copied with full precision by a click or Enter. */
export function Figure(props: IFigureProps): React.ReactElement {
  const { value, unit, trans } = props;
  const [copied, copy] = useCopy();
  if (value === null && props.isAbsent === false) {
    return <code className="bioml-Figure bioml-None">None</code>;
  }
  if (value === null || value === undefined) {
    return (
      <span className="bioml-Figure bioml-soft" title={trans.__('not there')}>
        {format.ABSENT}
      </span>
    );
  }
  const exact = format.formatExact(value);
  const shown = format.printable(props.text ?? format.formatNumber(value));
  const whole = exact.length > TITLE ? `${exact.slice(0, TITLE)}…` : exact;
  const title = `${format.printable(whole)}${unit === undefined ? '' : ` ${unit}`}`;
  return (
    <span className="bioml-CopyPlace">
      <button
        type="button"
        className={`bioml-Figure${typeof value === 'number' ? ' bioml-figure' : ''}`}
        title={trans.__('%1 (click to copy)', title)}
        onClick={event => {
          event.stopPropagation();
          copy(exact);
        }}
      >
        <bdi>{shown}</bdi>
      </button>
      <CopySaid copied={copied} trans={trans} />
    </span>
  );
}

/**
 * A name as it was given, on one line, unable to move or forge its surroundings; whole in its title.
 *
 * Where there is no room for all of it, its middle is left out: many names differ only at their end.
 */
export function Name(props: {
  text: string;
  className?: string;
  /** Default: the name; null: what stands around it has the title. */
  title?: string | null;
}): React.ReactElement {
  const text = format.printable(props.text.slice(0, TITLE + 1));
  const cut = text.length > TITLE ? `${text.slice(0, TITLE)}…` : text;
  const [begin, end] = parted(cut);
  return (
    <bdi
      className={`bioml-Name${end ? ' bioml-mod-parted' : ''} ${props.className ?? ''}`}
      title={props.title === null ? undefined : (props.title ?? cut)}
      aria-label={end ? cut : undefined}
      onCopy={end ? copyOnOneLine : undefined}
    >
      {end ? (
        <>
          <span className="bioml-Name-begin">{begin}</span>
          <span className="bioml-Name-end">{end}</span>
        </>
      ) : (
        cut
      )}
    </bdi>
  );
}

/** The two parts of a name are boxes of their own, between which the browser would copy a line break (and read a space). */
function copyOnOneLine(event: React.ClipboardEvent): void {
  const selection = window.getSelection();
  const { currentTarget: name } = event;
  if (selection && name.contains(selection.anchorNode) && name.contains(selection.focusNode)) {
    event.clipboardData.setData('text/plain', selection.toString().replace(/\n/g, ''));
    event.preventDefault();
  }
}

/** A moment: how long ago, the exact time in its title. */
export function Moment(props: {
  at: number | null;
  now: number;
  trans: TranslationBundle;
}): React.ReactElement {
  return (
    <span className="bioml-Moment" title={format.formatTime(props.at)}>
      {format.formatAgo(props.at, props.now, props.trans)}
    </span>
  );
}
