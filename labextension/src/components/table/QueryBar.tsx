import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { formatNumber, printable } from '../../model/format';
import { groupColumns, kindWord, labelOf } from '../../model/table/tablecolumns';
import type { TableModel } from '../../model/table/tablemodel';
import { FIRST_VIEW, metricOf } from '../../model/table/tableview';
import { ColumnMenu } from './ColumnMenu';
import { Popover } from './Popover';
import { ViewMenu } from './ViewMenu';

/** Typing pauses this long before the filter counts; milliseconds. */
const PAUSE = 300;

/** Which runs, in which groups and columns: the filter as people write it, and menus for the rest. */
export function QueryBar(props: {
  model: TableModel;
  field: React.RefObject<HTMLInputElement>;
  /** Put the keyboard on the table. */
  onDone: () => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { model, trans } = props;
  const { view } = model;
  const said = React.useId();
  return (
    <div className="bioml-TableBar" role="search" aria-label={trans.__('Filter runs')}>
      <Query {...props} said={said} />
      <label className="bioml-TableChoice">
        {trans.__('Group by')}
        <select
          className="bioml-Select"
          value={view.group ?? ''}
          onFocus={() => void model.readKeys()}
          onChange={event => model.show({ group: event.target.value || null })}
        >
          <option value="">{trans.__('nothing')}</option>
          {groupsOf(model).map(id => (
            <option key={id} value={id}>
              {printable(labelOf(id, trans)).slice(0, 60)} ({kindWord(id, trans)})
            </option>
          ))}
        </select>
      </label>
      {view.group !== null && <Judge model={model} trans={trans} />}
      <ColumnMenu model={model} trans={trans} />
      <ViewMenu model={model} trans={trans} />
      <Said {...props} said={said} />
    </div>
  );
}

/** What can be grouped by; what is grouped by now is there in any case. */
function groupsOf(model: TableModel): string[] {
  const { keys, view } = model;
  const all = keys === null ? [] : groupColumns(keys);
  return view.group === null || all.includes(view.group) ? all : [view.group, ...all];
}

/** The metric that groups are judged by. */
function Judge(props: { model: TableModel; trans: TranslationBundle }): React.ReactElement {
  const { model, trans } = props;
  const metric = metricOf(model.view) ?? '';
  const known = model.keys?.metrics.map(({ key }) => key) ?? [];
  return (
    <label className="bioml-TableChoice">
      {trans.__('judged by')}
      <select
        className="bioml-Select"
        value={metric}
        onChange={event => model.show({ metric: event.target.value || null })}
      >
        {[...new Set([...(metric === '' ? [''] : [metric]), ...known])].map(key => (
          <option key={key} value={key}>
            {key === '' ? trans.__('no metric') : printable(key).slice(0, 60)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Query(props: React.ComponentProps<typeof QueryBar> & { said: string }): React.ReactElement {
  const { model, field, trans } = props;
  const { where } = model.view;
  const [text, setText] = React.useState(where);
  const timer = React.useRef<ReturnType<typeof setTimeout>>();
  React.useEffect(() => {
    setText(where);
    return () => clearTimeout(timer.current);
  }, [where]);
  const apply = (typed: string): void => {
    clearTimeout(timer.current);
    model.show({ where: typed });
  };
  const { refusal } = model;
  return (
    <div className="bioml-Query">
      <input
        ref={field}
        className="bioml-Field"
        type="text"
        spellCheck={false}
        autoComplete="off"
        aria-label={trans.__('Filter, for example: auc > 0.9 and depth = 7')}
        aria-invalid={refusal !== null}
        aria-describedby={props.said}
        placeholder={trans.__('Filter: auc > 0.9 and depth = 7')}
        value={text}
        onChange={event => {
          const typed = event.target.value;
          setText(typed);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => apply(typed), PAUSE);
        }}
        onKeyDown={event => {
          if (event.key === 'Enter' || event.key === 'ArrowDown') {
            apply(text);
            props.onDone();
          } else if (event.key === 'Escape' && text !== '') {
            setText('');
            apply('');
          } else if (event.key === 'Escape') {
            props.onDone();
          } else {
            return;
          }
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <Popover label="?" name={trans.__('How to write a filter')}>
        {() => <Help trans={trans} />}
      </Popover>
    </div>
  );
}

/** How many runs are found, or what is wrong with the filter. */
function Said(props: { model: TableModel; said: string; trans: TranslationBundle }): React.ReactElement {
  const { model, trans } = props;
  const { refusal } = model;
  return (
    <div id={props.said} className="bioml-Query-said" role="status">
      {refusal === null ? (
        <Found model={model} trans={trans} />
      ) : (
        <span className="bioml-error" title={`${printable(refusal.message)} ${printable(refusal.next)}`}>
          <span aria-hidden="true">⚠ </span>
          {printable(refusal.message)} {printable(refusal.next)}
        </span>
      )}
    </div>
  );
}

/** How many runs are found. */
function Found(props: { model: TableModel; trans: TranslationBundle }): React.ReactElement {
  const { model, trans } = props;
  const { total, listed, heldBack, moreGroups } = model;
  if (total === null) {
    return <></>;
  }
  const isFiltered = listed.where.trim() !== FIRST_VIEW.where;
  const count = formatNumber(total);
  return (
    <>
      {isFiltered
        ? trans._n('%2 run found', '%2 runs found', total, count)
        : trans._n('%2 run', '%2 runs', total, count)}
      {moreGroups > 0 && ` · ${trans.__('%1 more groups are not listed', formatNumber(moreGroups))}`}
      {heldBack > 0 &&
        ` · ${trans._n('▲ %1 new run once the pointer leaves the table', '▲ %1 new runs once the pointer leaves the table', heldBack)}`}
    </>
  );
}

function Help(props: { trans: TranslationBundle }): React.ReactElement {
  const { trans } = props;
  const lines: readonly [string, string][] = [
    ['auc > 0.9 and depth = 7', trans.__('metrics and parameters: = != < <= > >=')],
    ['params.depth = 7', trans.__('where a metric, parameter or tag has the same name')],
    ['kind contains forest', trans.__('a part of a text, in any case')],
    ['"val loss" < 0.2', trans.__('quotes for names and values with blanks or signs')],
    ['not (site = north or starred)', trans.__('and, or, not, parentheses')],
    ['status = failed', trans.__('also name, notebook, experiment, verdict, note, error, user')],
    ['started > 7d', trans.__('a day (2026-11-21), today, yesterday, or an age')],
    ['duration > 5m', trans.__('seconds, or 90s, 5m, 2h')],
    ['depth', trans.__('a name alone: runs that have it')]
  ];
  return (
    <dl className="bioml-Help" tabIndex={0}>
      {lines.map(([example, meaning]) => (
        <React.Fragment key={example}>
          <dt>
            <code>{example}</code>
          </dt>
          <dd>{meaning}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}
