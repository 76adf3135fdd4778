import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { MOST_EXPORTED } from '../../api/table';
import type { ManyPatch } from '../../api/wire';
import { formatNumber, printable } from '../../model/format';
import type { TableModel } from '../../model/table/tablemodel';
import { COMPARABLE } from '../sidebar/SelectionBar';
import { Popover } from './Popover';

/** What the buttons lead to outside the table. */
export interface IPickedActions {
  onOpen: (id: string) => void;
  onCompare: (ids: readonly string[]) => void;
  /** Save the table as a CSV file. */
  onCsv: () => Promise<void>;
  /** Download the runs with all their files. */
  onZip: (ids: readonly string[]) => void;
  onMenu: (x: number, y: number) => void;
}

/** What can be done with the chosen runs; always there, so that nothing moves when one is chosen. */
export function PickedBar(
  props: IPickedActions & { model: TableModel; trans: TranslationBundle }
): React.ReactElement {
  const { model, trans } = props;
  const [said, setSaid] = React.useState('');
  const { ids, rows, size } = model.picked;
  const isAll = (key: 'starred' | 'archived'): boolean => rows.length > 0 && rows.every(row => row[key]);
  const attempt = (work: Promise<void>): void => {
    work.then(
      () => setSaid(''),
      error => setSaid(printable(error instanceof Error ? error.message : String(error)))
    );
  };
  const change = (patch: Omit<ManyPatch, 'runs'>): void =>
    attempt(
      model.changePicked(patch, count =>
        setSaid(trans.__('%1 of %2 changed', formatNumber(count), formatNumber(size)))
      )
    );
  const canCompare = size >= COMPARABLE[0] && size <= COMPARABLE[1];
  return (
    <div className="bioml-TableBar" role="toolbar" aria-label={trans.__('Actions on the selected runs')}>
      <span className="bioml-Picked" role="status">
        {said || (size === 0 ? trans.__('None selected') : trans.__('%1 selected', formatNumber(size)))}
      </span>
      <Action label={trans.__('Open')} isOn={size === 1} onClick={() => props.onOpen(ids[0])} />
      <Action
        label={trans.__('Compare')}
        title={trans.__('Compare %1 to %2 runs', ...COMPARABLE.map(String))}
        isOn={canCompare}
        onClick={() => props.onCompare(ids)}
      />
      <Action
        label={isAll('starred') ? trans.__('Remove star') : trans.__('Star')}
        isOn={size > 0}
        onClick={() => change({ starred: !isAll('starred') })}
      />
      <Action
        label={isAll('archived') ? trans.__('Unarchive') : trans.__('Archive')}
        title={trans.__('Archived runs are kept, and listed only on request')}
        isOn={size > 0}
        onClick={() => change({ archived: !isAll('archived') })}
      />
      <Popover label={trans.__('Tag')} name={trans.__('Tag the selected runs')} isDisabled={size === 0}>
        {close => (
          <Tags
            model={model}
            onChange={tags => {
              change({ tags });
              close();
            }}
            trans={trans}
          />
        )}
      </Popover>
      <Popover label={trans.__('Export')} name={trans.__('Export runs')} isDisabled={!model.total}>
        {close => (
          <Export
            {...props}
            onCsv={async () => {
              close();
              attempt(props.onCsv());
            }}
            onZip={all => {
              close();
              props.onZip(all);
            }}
          />
        )}
      </Popover>
      <button
        type="button"
        className="bioml-SignButton"
        disabled={size === 0 || rows.length < size}
        aria-haspopup="menu"
        aria-label={trans.__('More actions')}
        title={trans.__('More actions')}
        onClick={event => {
          const at = event.currentTarget.getBoundingClientRect();
          props.onMenu(at.left, at.bottom);
        }}
      >
        ⋯
      </button>
      <Action
        label={trans.__('Select all')}
        isOn={(model.total ?? 0) > 0}
        onClick={() => attempt(model.pickAll())}
      />
      <Action label={trans.__('Select none')} isOn={size > 0} onClick={() => model.pickNone()} />
    </div>
  );
}

function Action(props: {
  label: string;
  title?: string;
  isOn: boolean;
  onClick: () => void;
}): React.ReactElement {
  return (
    <button
      type="button"
      className="bioml-Button"
      title={props.title}
      disabled={!props.isOn}
      onClick={props.onClick}
    >
      {props.label}
    </button>
  );
}

/** Sets a tag, or takes one away. */
function Tags(props: {
  model: TableModel;
  onChange: (tags: Record<string, string | null>) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { model, trans } = props;
  const [key, setKey] = React.useState('');
  const [value, setValue] = React.useState('');
  const known = React.useId();
  const there = new Set(model.picked.rows.flatMap(row => Object.keys(row.tags)));
  return (
    <form
      className="bioml-TagForm"
      onSubmit={event => {
        event.preventDefault();
        props.onChange({ [key.trim()]: value });
      }}
    >
      <input
        className="bioml-Field"
        type="text"
        list={known}
        maxLength={250}
        aria-label={trans.__('Tag')}
        placeholder={trans.__('Tag, as in: site')}
        value={key}
        onChange={event => setKey(event.target.value)}
      />
      <datalist id={known}>
        {model.keys?.tags.map(tag => (
          <option key={tag.key} value={tag.key} />
        ))}
      </datalist>
      <input
        className="bioml-Field"
        type="text"
        aria-label={trans.__('Value')}
        placeholder={trans.__('Value, as in: north')}
        value={value}
        onChange={event => setValue(event.target.value)}
      />
      <div className="bioml-Query-line">
        <button type="submit" className="bioml-Button bioml-mod-first" disabled={key.trim() === ''}>
          {trans.__('Set tag')}
        </button>
        <button
          type="button"
          className="bioml-Button"
          disabled={!there.has(key.trim())}
          onClick={() => props.onChange({ [key.trim()]: null })}
        >
          {trans.__('Take it away')}
        </button>
      </div>
    </form>
  );
}

function Export(props: IPickedActions & { model: TableModel; trans: TranslationBundle }): React.ReactElement {
  const { model, trans } = props;
  const { ids, size } = model.picked;
  const count = size === 0 ? (model.total ?? 0) : size;
  return (
    <div className="bioml-TagForm">
      <button type="button" className="bioml-Button" onClick={() => void props.onCsv()}>
        {trans._n(
          'The columns of %2 run as CSV',
          'The columns of %2 runs as CSV',
          count,
          formatNumber(count)
        )}
      </button>
      <button
        type="button"
        className="bioml-Button"
        disabled={size === 0 || size > MOST_EXPORTED}
        title={trans.__('Select 1 to %1 runs', MOST_EXPORTED)}
        onClick={() => props.onZip(ids)}
      >
        {trans.__('Selected runs with all their files, as zip')}
      </button>
    </div>
  );
}
