import { UseSignal } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunRow } from '../api/wire';
import { ListNotices } from '../components/ListNotices';
import { Empty, Loading } from '../components/Notice';
import { type IReproduce, Reproduction } from '../components/Reproduction';
import { FilterBar } from '../components/sidebar/FilterBar';
import { openMenu } from '../components/sidebar/listkeys';
import { RunList } from '../components/sidebar/RunList';
import { SelectionBar } from '../components/sidebar/SelectionBar';
import { formatNumber } from '../model/format';
import { shortName } from '../model/name';
import { isUnderWay } from '../model/jobs';
import type { RunListModel } from '../model/runlist';
import { isFiltered, NO_FILTER } from '../model/runview';
import { wideColumns } from '../model/wide';
import { Section } from './section';

/** What makes a cell an experiment. */
const MAGIC = '%%experiment';
const TAG = 'experiment';
/** What starts tracking in a cell. */
const LOAD = '%load_ext jupyter_bioml';

/** What the list of runs can ask for. */
export interface IRunActions {
  open(row: RunRow): void;
  compare(rows: readonly RunRow[]): void;
  /** Track the notebook in front; null: it is tracked already, it cannot be, or there is none. */
  track(): (() => void) | null;
  /** null: there is no form for it. */
  register: ((row: RunRow) => void) | null;
  /** null: runs are not reproduced here. */
  reproduce: ((row: RunRow) => IReproduce) | null;
}

/** The section of the sidebar with the runs of the notebook. */
export class RunsSection extends Section {
  constructor(
    readonly model: RunListModel,
    private readonly actions: IRunActions,
    private readonly trans: TranslationBundle
  ) {
    super(model.watch, 'runs');
  }

  /** Put the keyboard on the list, now or once it is there. */
  focusList(): void {
    const list = this.node.querySelector<HTMLElement>('.bioml-RunList');
    this.node.tabIndex = -1;
    (list ?? this.node).focus();
  }

  protected render(): React.ReactElement {
    return (
      <UseSignal signal={this.model.changed}>
        {() => (
          <>
            {this._filter()}
            {this._notices()}
            {this._content()}
            {this._selected()}
            <Ended model={this.model} trans={this.trans} />
          </>
        )}
      </UseSignal>
    );
  }

  private _filter(): React.ReactElement {
    const { model, trans } = this;
    return (
      <FilterBar
        view={model.view}
        metric={model.metric}
        total={model.page?.total ?? null}
        metricKeys={model.page?.metric_keys ?? []}
        experiments={model.experiments}
        onShow={changes => model.show(changes)}
        onAskExperiments={() => void model.readExperiments()}
        trans={trans}
      />
    );
  }

  /** What is wrong or not whole, while runs are shown all the same. */
  private _notices(): React.ReactElement {
    const { model, trans } = this;
    const kept = model.total > 0 ? trans.__('Runs read earlier are still shown.') : '';
    return (
      <>
        <ListNotices
          error={model.error}
          page={model.page}
          kept={kept}
          onRetry={() => model.watch.soon()}
          trans={trans}
        />
        {model.isPartial && (
          <p className="bioml-Banner" role="status">
            {trans.__(
              '%1 of %2 runs have been read.',
              formatNumber(model.known.length),
              formatNumber(model.total)
            )}
          </p>
        )}
      </>
    );
  }

  private _content(): React.ReactElement {
    const { model, trans } = this;
    if (model.path === null && model.view.scope === 'notebook') {
      return <Empty>{trans.__('Open a notebook to see its runs, or choose “All notebooks” above.')}</Empty>;
    }
    if (model.page === null) {
      return model.error ? <></> : <Loading trans={trans} />;
    }
    if (model.total === 0) {
      return this._empty();
    }
    return (
      <RunList
        lines={model}
        isTree={model.isTree}
        isSelected={id => model.selection.has(id)}
        isReproducing={row => isUnderWay(this.actions.reproduce?.(row).now ?? null)}
        active={model.selection.active}
        metric={model.metric}
        best={model.best}
        withNotebook={model.view.scope !== 'notebook'}
        columns={wideColumns(model.known, model.metric, model.page.metric_keys)}
        heldBack={model.heldBack}
        inserted={model.inserted}
        onChoose={(index, choice) => model.choose(index, choice)}
        onMove={(by, choice) => model.move(by, choice)}
        onChooseAll={() => void model.chooseAll().catch(() => model.watch.soon())}
        onOpen={row => this.actions.open(row)}
        onToggleGroup={key => model.toggleGroup(key)}
        onToggleRun={id => model.toggleRun(id)}
        onMore={id => model.showMore(id)}
        onSee={(first, last) => model.see(first, last)}
        onHold={isHeld => model.hold(isHeld)}
        onMount={list => document.activeElement === this.node && list.focus()}
        trans={trans}
      />
    );
  }

  private _empty(): React.ReactElement {
    const { model, trans } = this;
    if (isFiltered(model.view)) {
      return (
        <Empty>
          {trans.__('No runs match the filter.')}{' '}
          <button type="button" className="bioml-LinkButton" onClick={() => model.show(NO_FILTER)}>
            {trans.__('Show all')}
          </button>
        </Empty>
      );
    }
    const track = this.actions.track();
    return (
      <Empty>
        {trans.__('No runs yet.')}{' '}
        {track !== null && (
          <>
            {trans.__('This notebook is not tracked.')}{' '}
            <button type="button" className="bioml-LinkButton" onClick={track}>
              {trans.__('Track it')}
            </button>{' '}
            {trans.__('(or run %1 in its first cell).', LOAD)}{' '}
          </>
        )}
        {track === null
          ? trans.__('A tracked cell that begins with %1 or has the tag “%2” becomes a run.', MAGIC, TAG)
          : trans.__('Then each cell that begins with %1 or has the tag “%2” becomes a run.', MAGIC, TAG)}
      </Empty>
    );
  }

  private _selected(): React.ReactElement | null {
    const { model, actions, trans } = this;
    const { rows } = model.selection;
    if (model.page === null || model.total === 0) {
      return null;
    }
    return (
      <>
        {rows.length === 1 && actions.reproduce && (
          <Reproduction reproduce={actions.reproduce(rows[0])} trans={trans} />
        )}
        <SelectionBar
          selected={rows}
          onOpen={() => actions.open(rows[0])}
          onCompare={() => actions.compare(rows)}
          onRegister={actions.register && (() => actions.register?.(rows[0]))}
          reproduce={actions.reproduce}
          onMore={() => openMenu(this.node.querySelector<HTMLElement>('.bioml-RunList'))}
          trans={trans}
        />
      </>
    );
  }
}

/** Says to screen readers which runs ended. */
function Ended(props: { model: RunListModel; trans: TranslationBundle }): React.ReactElement {
  const { model, trans } = props;
  return (
    <UseSignal signal={model.ended} initialSender={model}>
      {(_, rows) => (
        <div className="bioml-Hidden" role="status" aria-live="polite">
          {rows?.map(row => endedWord(row, trans))}
        </div>
      )}
    </UseSignal>
  );
}

function endedWord(row: RunRow, trans: TranslationBundle): string {
  const name = shortName(row.name, 100);
  switch (row.state) {
    case 'FINISHED':
      return trans.__('%1 has finished. ', name);
    case 'KILLED':
      return row.interrupted ? trans.__('%1 was interrupted. ', name) : trans.__('%1 was killed. ', name);
    default:
      return trans.__('%1 has failed. ', name);
  }
}
