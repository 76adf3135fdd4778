import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { formatNumber, printable } from '../../model/format';
import { shortName } from '../../model/name';
import { allColumns, kindWord, labelOf } from '../../model/table/tablecolumns';
import type { TableModel } from '../../model/table/tablemodel';
import { moved, toggled } from '../../model/table/tableview';
import { Name } from '../Figure';
import { Popover } from './Popover';

/** Names that are listed at once: more are found by the search. */
const LISTED = 150;

/** Chooses the columns and their order: every field, metric, parameter and tag there is. */
export function ColumnMenu(props: { model: TableModel; trans: TranslationBundle }): React.ReactElement {
  const { model, trans } = props;
  return (
    <Popover
      label={trans.__('Columns')}
      name={trans.__('Choose columns')}
      onOpen={() => void model.readKeys()}
    >
      {() => <Choice {...props} />}
    </Popover>
  );
}

function Choice(props: { model: TableModel; trans: TranslationBundle }): React.ReactElement {
  const { model, trans } = props;
  const { view, keys } = model;
  const [search, setSearch] = React.useState('');
  const [ticked, setTicked] = React.useState('');
  const place = React.useRef<HTMLDivElement>(null);
  // a column that was ticked goes to the other list, and the keyboard with it
  React.useLayoutEffect(() => {
    const lines = [...(place.current?.querySelectorAll<HTMLElement>('[data-column]') ?? [])];
    const line = lines.find(one => one.dataset.column === ticked);
    line?.querySelector('input')?.focus();
  }, [ticked, view.columns]);
  const text = search.trim().toLowerCase();
  const rest = (keys === null ? [] : allColumns(keys)).filter(id => !view.columns.includes(id));
  const found = rest.filter(id => `${id} ${labelOf(id, trans)}`.toLowerCase().includes(text));
  return (
    <div ref={place} className="bioml-Columns">
      <input
        className="bioml-Field"
        type="search"
        aria-label={trans.__('Search columns')}
        placeholder={trans.__('Search %1 columns…', formatNumber(rest.length + view.columns.length))}
        value={search}
        onChange={event => setSearch(event.target.value)}
      />
      <div className="bioml-Columns-lists">
        <fieldset>
          <legend>{trans.__('Shown, in this order')}</legend>
          {view.columns
            .filter(id => `${id} ${labelOf(id, trans)}`.toLowerCase().includes(text))
            .map(id => (
              <div key={id} className="bioml-Columns-line">
                <Tick {...props} id={id} isOn={true} onTick={setTicked} />
                <Move {...props} id={id} by={-1} />
                <Move {...props} id={id} by={1} />
              </div>
            ))}
        </fieldset>
        <fieldset>
          <legend>{trans.__('More')}</legend>
          {found.slice(0, LISTED).map(id => (
            <div key={id} className="bioml-Columns-line">
              <Tick {...props} id={id} isOn={false} onTick={setTicked} />
            </div>
          ))}
          {found.length > LISTED && (
            <p className="bioml-soft">
              {trans.__('%1 more: search for them', formatNumber(found.length - LISTED))}
            </p>
          )}
          {found.length === 0 && <p className="bioml-soft">{trans.__('None')}</p>}
        </fieldset>
      </div>
    </div>
  );
}

function Tick(props: {
  model: TableModel;
  id: string;
  isOn: boolean;
  onTick: (id: string) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { model, id, trans } = props;
  const label = printable(labelOf(id, trans));
  return (
    <label className="bioml-Check" title={label} data-column={id}>
      <input
        type="checkbox"
        checked={props.isOn}
        disabled={id === 'name'}
        onChange={() => {
          props.onTick(id);
          model.show(toggled(model.view, id));
        }}
      />{' '}
      <Name text={label.slice(0, 200)} /> <span className="bioml-soft">{kindWord(id, trans)}</span>
    </label>
  );
}

function Move(props: {
  model: TableModel;
  id: string;
  by: 1 | -1;
  trans: TranslationBundle;
}): React.ReactElement {
  const { model, id, by, trans } = props;
  const { columns } = model.view;
  const name = shortName(labelOf(id, trans));
  const label = by < 0 ? trans.__('Move %1 to the left', name) : trans.__('Move %1 to the right', name);
  return (
    <button
      type="button"
      className="bioml-SignButton"
      aria-label={label}
      title={label}
      disabled={columns[by < 0 ? 0 : columns.length - 1] === id}
      onClick={() => model.show(moved(model.view, id, by))}
    >
      {by < 0 ? '↑' : '↓'}
    </button>
  );
}
