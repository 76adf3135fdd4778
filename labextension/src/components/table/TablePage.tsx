import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunRow } from '../../api/wire';
import type { Figures } from '../../model/table/figures';
import type { TableModel } from '../../model/table/tablemodel';
import { ListNotices } from '../ListNotices';
import { Loading } from '../Notice';
import { Check } from '../sidebar/Fields';
import { Gallery } from './Gallery';
import { Grid } from './Grid';
import { NoRuns } from './NoRuns';
import { type IPickedActions, PickedBar } from './PickedBar';
import { QueryBar } from './QueryBar';
import { TableChart } from './TableChart';

/** How the runs are shown. */
type Mode = 'table' | 'chart' | 'figures';

/** Every run of a project across the whole width: as a table, as a chart, or by their figures. */
export function TablePage(
  props: IPickedActions & {
    model: TableModel;
    figures: Figures;
    /** The project's folder, absolute. */
    project: string;
    trans: TranslationBundle;
  }
): React.ReactElement {
  const { model, trans } = props;
  const [mode, setMode] = React.useState<Mode>('table');
  const field = React.useRef<HTMLInputElement>(null);
  const page = React.useRef<HTMLDivElement>(null);
  const toFilter = (): void => {
    field.current?.focus();
    field.current?.select();
  };
  const isKept = mode === 'table' && model.lines.count > 0;
  return (
    <div
      ref={page}
      className="bioml-TablePage"
      onKeyDown={event => {
        const isTyping = (event.target as HTMLElement).closest('input, select, textarea') !== null;
        if (event.key === '/' && !isTyping) {
          toFilter();
          event.preventDefault();
        }
      }}
    >
      <div className="bioml-TableTop">
        <h1>{trans.__('Runs')}</h1>
        <bdi className="bioml-soft bioml-TableProject" title={props.project}>
          {props.project}
        </bdi>
        <Check
          label={trans.__('archived too')}
          isOn={model.view.archived}
          onToggle={() => model.show({ archived: !model.view.archived })}
        />
        <Check
          label={trans.__('reproductions too')}
          isOn={model.view.reproductions}
          onToggle={() => model.show({ reproductions: !model.view.reproductions })}
        />
        <Modes mode={mode} onChoose={setMode} trans={trans} />
      </div>
      <QueryBar
        model={model}
        field={field}
        onDone={() => page.current?.querySelector<HTMLElement>('.bioml-Grid-table')?.focus()}
        trans={trans}
      />
      <PickedBar {...props} />
      <ListNotices
        error={model.error}
        page={model.page}
        kept={isKept ? trans.__('Runs read earlier are still shown.') : ''}
        onRetry={() => model.watch.soon()}
        trans={trans}
      />
      {mode === 'chart' ? (
        <TableChart {...props} />
      ) : mode === 'figures' ? (
        <Gallery {...props} />
      ) : (
        <Body {...props} onFilter={toFilter} />
      )}
    </div>
  );
}

function Modes(props: {
  mode: Mode;
  onChoose: (mode: Mode) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { trans } = props;
  const modes: readonly [Mode, string][] = [
    ['table', trans.__('Table')],
    ['chart', trans.__('Chart')],
    ['figures', trans.__('Figures')]
  ];
  return (
    <div className="bioml-Modes" role="group" aria-label={trans.__('Show as')}>
      {modes.map(([mode, label]) => (
        <button
          key={mode}
          type="button"
          className="bioml-Button"
          aria-pressed={mode === props.mode}
          onClick={() => props.onChoose(mode)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function Body(props: React.ComponentProps<typeof TablePage> & { onFilter: () => void }): React.ReactElement {
  const { model, trans } = props;
  if (model.total === null || model.view.columns.length === 0) {
    return model.error === null && model.refusal === null ? <Loading trans={trans} /> : <></>;
  }
  if (model.total === 0 && model.lines.count === 0) {
    return <NoRuns model={model} trans={trans} />;
  }
  return (
    <Grid
      model={model}
      figures={props.figures}
      onOpen={(row: RunRow) => props.onOpen(row.record_id)}
      onFilter={props.onFilter}
      onMenu={props.onMenu}
      trans={trans}
    />
  );
}
