import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { printable } from '../../model/format';
import type { TableModel } from '../../model/table/tablemodel';
import { Popover } from './Popover';

/** Opens, keeps and deletes the saved views of the project. */
export function ViewMenu(props: { model: TableModel; trans: TranslationBundle }): React.ReactElement {
  const { model, trans } = props;
  const label = model.viewName === '' ? trans.__('Views') : printable(model.viewName).slice(0, 24);
  return (
    <Popover label={label} name={trans.__('Saved views')} onOpen={() => void model.readViews()}>
      {close => <Views {...props} onClose={close} />}
    </Popover>
  );
}

function Views(props: {
  model: TableModel;
  onClose: () => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { model, trans } = props;
  const [name, setName] = React.useState(model.viewName);
  const [said, setSaid] = React.useState('');
  const attempt = (work: () => Promise<void>, onDone: () => void): void => {
    work().then(onDone, error => setSaid(error instanceof Error ? error.message : String(error)));
  };
  return (
    <div className="bioml-Views">
      {model.views.length === 0 && (
        <p className="bioml-soft">
          {trans.__(
            'None yet. A view keeps columns, widths, order, groups and the filter, for this project.'
          )}
        </p>
      )}
      <ul>
        {model.views.map(view => (
          <li key={view.name} className="bioml-Columns-line">
            <button
              type="button"
              className="bioml-LinkButton"
              aria-current={view.name === model.viewName}
              title={view.where || undefined}
              onClick={() => {
                model.open(view);
                props.onClose();
              }}
            >
              {printable(view.name)}
            </button>
            <button
              type="button"
              className="bioml-SignButton"
              aria-label={trans.__('Delete the view %1', view.name)}
              title={trans.__('Delete this view')}
              onClick={() =>
                attempt(
                  () => model.forgetView(view.name),
                  () => setSaid('')
                )
              }
            >
              ✕
            </button>
          </li>
        ))}
      </ul>
      <form
        className="bioml-Query-line"
        onSubmit={event => {
          event.preventDefault();
          attempt(() => model.saveView(name), props.onClose);
        }}
      >
        <input
          className="bioml-Field"
          type="text"
          maxLength={100}
          aria-label={trans.__('Name of the view')}
          placeholder={trans.__('Name of the view')}
          value={name}
          onChange={event => setName(event.target.value)}
        />
        <button type="submit" className="bioml-Button" disabled={name.trim() === ''}>
          {model.views.some(view => view.name === name.trim()) ? trans.__('Replace') : trans.__('Save')}
        </button>
      </form>
      <p className="bioml-error" role="status">
        {printable(said)}
      </p>
    </div>
  );
}
