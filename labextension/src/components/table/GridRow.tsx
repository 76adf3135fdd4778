import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Best, RunRow, TableGroup } from '../../api/wire';
import { formatNumber, printable } from '../../model/format';
import { own } from '../../model/own';
import type { Figures } from '../../model/table/figures';
import * as columns from '../../model/table/tablecolumns';
import { Name } from '../Figure';
import { SIGNS, stateOf, stateWord } from '../RunState';
import { Thumb } from './Thumb';

/** Longest part of a value in a title. */
const TITLE = 400;

interface ICellsProps {
  row: RunRow;
  shown: readonly string[];
  level: 1 | 2;
  isPicked: boolean;
  /** The column that the keyboard is on; -1: it is on another line. */
  active: number;
  /** The best values of the runs that are listed. */
  best: Readonly<Record<string, Best>>;
  figures: Figures;
  /** Seconds since the epoch. */
  now: number;
  idOf: (column: number) => string;
  onToggle: (id: string) => void;
  trans: TranslationBundle;
}

/** The cells of one run, drawn again only when something of it changed. */
export const RunCells = React.memo(Cells);

function Cells(props: ICellsProps): React.ReactElement {
  const { row, shown, active } = props;
  return (
    <>
      {shown.map((id, index) => {
        const value = columns.valueOf(row, id);
        const names = [
          'bioml-Cell',
          columns.isRight(id, value) ? 'bioml-figure' : '',
          index === active ? 'bioml-mod-activeCell' : '',
          index === 0 ? 'bioml-mod-first' : ''
        ];
        return (
          <div
            key={id}
            id={props.idOf(index)}
            role="gridcell"
            aria-colindex={index + 1}
            className={names.filter(Boolean).join(' ')}
            title={printable(columns.exactOf(id, value).slice(0, TITLE)) || undefined}
          >
            {index === 0 && <Pick {...props} />}
            <Content {...props} id={id} />
          </div>
        );
      })}
    </>
  );
}

/** A box to tick; the line itself says to screen readers whether it is chosen. */
function Pick(props: ICellsProps): React.ReactElement {
  const { row, level, isPicked } = props;
  return (
    <span
      className={`bioml-Pick${isPicked ? ' bioml-mod-on' : ''}${level > 1 ? ' bioml-mod-level2' : ''}`}
      aria-hidden="true"
      onClick={event => {
        event.stopPropagation();
        props.onToggle(row.record_id);
      }}
      onDoubleClick={event => event.stopPropagation()}
    >
      {isPicked ? '✓' : ''}
    </span>
  );
}

function Content(props: ICellsProps & { id: string }): React.ReactElement {
  const { row, id, best, trans } = props;
  if (id === 'name') {
    return (
      <>
        {!props.shown.includes('status') && <State row={row} isBrief={true} trans={trans} />}
        <Name className="bioml-Cell-text" title={null} text={row.name.slice(0, TITLE)} />
        {row.starred && (
          <span className="bioml-Line-star" role="img" aria-label={trans.__('starred')}>
            ☆
          </span>
        )}
        {row.archived && <span className="bioml-soft">{trans.__('archived')}</span>}
        {row.reproduces !== null && <span className="bioml-soft">{trans.__('reproduction')}</span>}
      </>
    );
  }
  if (id === 'status') {
    return <State row={row} trans={trans} />;
  }
  if (id === columns.FIGURE) {
    return (
      <Thumb figures={props.figures} id={row.record_id} place={0} name={printable(row.name)} trans={trans} />
    );
  }
  const { kind, key } = columns.parse(id);
  const isBest = kind === 'metrics' && own(best, key)?.record_id === row.record_id;
  const value = columns.valueOf(row, id);
  return (
    <>
      {isBest && (
        <span className="bioml-Best" role="img" aria-label={trans.__('best')} title={trans.__('best')}>
          ★
        </span>
      )}
      <Name
        className={`bioml-Cell-text${value === null ? ' bioml-mod-none' : ''}`}
        title={null}
        text={columns.textOf(id, value, props.now, trans)}
      />
    </>
  );
}

/** Sign and word of a state; where it is brief the sign, whose shape says it, with the word for its title. */
function State(props: { row: RunRow; isBrief?: boolean; trans: TranslationBundle }): React.ReactElement {
  const state = stateOf(props.row);
  const word = stateWord(state, props.trans);
  return (
    <span className={`bioml-State bioml-mod-${state.toLowerCase()}`}>
      {props.isBrief ? (
        <span className="bioml-Sign" role="img" aria-label={word} title={word}>
          {SIGNS[state]}
        </span>
      ) : (
        <>
          <span className="bioml-Sign" aria-hidden="true">
            {SIGNS[state]}
          </span>
          {` ${word}`}
        </>
      )}
    </span>
  );
}

/** The line of a group: its value, how many runs it has, and how good they are. */
export function GroupCells(props: {
  group: TableGroup;
  /** The column that makes the groups. */
  by: string;
  metric: string | null;
  isOpen: boolean;
  isActive: boolean;
  span: number;
  id: string;
  trans: TranslationBundle;
}): React.ReactElement {
  const { group, by, metric, isOpen, trans } = props;
  const value =
    group.key === '[]' ? trans.__('without it') : columns.textOf(by, group.value, Date.now() / 1000, trans);
  return (
    <div
      id={props.id}
      role="gridcell"
      aria-colindex={1}
      aria-colspan={Math.max(1, props.span)}
      className={`bioml-Cell bioml-GroupCell${props.isActive ? ' bioml-mod-activeCell' : ''}`}
    >
      <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span>{' '}
      <span className="bioml-soft">{printable(columns.labelOf(by, trans)).slice(0, 60)}</span>{' '}
      <Name className="bioml-GroupValue" text={value.slice(0, 200)} />{' '}
      <span>{trans._n('%2 run', '%2 runs', group.runs, formatNumber(group.runs))}</span>{' '}
      {metric !== null && group.best !== null && (
        <span className="bioml-GroupFigures">
          <span className="bioml-soft">{printable(metric).slice(0, 60)}</span>{' '}
          {trans.__('best %1', formatNumber(group.best.value))}
          {' · '}
          {group.sd === null
            ? trans.__('mean %1', formatNumber(group.mean))
            : trans.__('mean %1 ± %2', formatNumber(group.mean), formatNumber(group.sd))}
          {group.measured < group.runs && (
            <span className="bioml-soft"> {trans.__('(of %1)', formatNumber(group.measured))}</span>
          )}
        </span>
      )}
    </div>
  );
}
