import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Experiment, RunRow } from '../../api/wire';
import { formatNumber, printable } from '../../model/format';
import { IRunView, isFiltered, NO_FILTER } from '../../model/runview';
import { stateWord } from '../RunState';
import { Check, NumberField, TextField, Toggle } from './Fields';

const STATES: readonly RunRow['state'][] = ['RUNNING', 'FINISHED', 'FAILED', 'KILLED'];
const EXPERIMENT = 'experiment:';

interface IFilterBarProps {
  view: IRunView;
  /** The metric that is shown. */
  metric: string;
  metricKeys: readonly string[];
  /** How many runs there are; null: not known yet. */
  total: number | null;
  experiments: readonly Experiment[];
  onShow: (changes: Partial<IRunView>) => void;
  /** The choice of experiments is about to be opened. */
  onAskExperiments: () => void;
  trans: TranslationBundle;
}

/** Which runs, by which metric, and how: one line, and the rest behind a button. */
export function FilterBar(props: IFilterBarProps): React.ReactElement {
  const { view, trans, onShow } = props;
  const [isOpen, setOpen] = React.useState(false);
  const more = React.useId();
  const bar = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    // in a low sidebar the bar scrolls: what was opened is what is to be seen
    if (isOpen && bar.current) {
      bar.current.scrollTop = bar.current.querySelector<HTMLElement>('.bioml-Filter-line')?.offsetHeight ?? 0;
    }
  }, [isOpen]);
  return (
    <div
      ref={bar}
      className={`bioml-Filter${isOpen ? ' bioml-mod-open' : ''}`}
      role="search"
      aria-label={trans.__('Filter runs')}
    >
      <div className="bioml-Filter-line">
        <Scope {...props} />
        <Metric {...props} />
      </div>
      <div className="bioml-Filter-line bioml-mod-toggle">
        <TextField
          label={trans.__('Filter runs by text')}
          placeholder={filterHint(props.total, trans)}
          type="search"
          value={view.q}
          onChange={q => onShow({ q })}
        />
        <Toggle
          label={trans.__('Group runs by name')}
          sign="☰"
          isOn={view.grouped}
          onToggle={() => onShow({ grouped: !view.grouped })}
        />
        <button
          type="button"
          className={`bioml-SignButton${isFiltered(view) ? ' bioml-mod-on' : ''}`}
          aria-expanded={isOpen}
          aria-controls={more}
          aria-label={trans.__('More filters and sorting')}
          title={trans.__('More filters and sorting')}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? '▴' : '▾'}
          {isFiltered(view) ? '•' : ''}
        </button>
      </div>
      <div id={more} className="bioml-Filter-fold" hidden={!isOpen}>
        {isOpen && <More {...props} />}
      </div>
    </div>
  );
}

function filterHint(total: number | null, trans: TranslationBundle): string {
  return total === null
    ? trans.__('Filter…')
    : trans._n('Filter %2 run…', 'Filter %2 runs…', total, formatNumber(total));
}

function Scope(props: IFilterBarProps): React.ReactElement {
  const { view, experiments, trans } = props;
  const isListed = experiments.some(one => one.name === view.experiment);
  const names = [
    ...experiments.map(one => one.name),
    ...(view.scope === 'experiment' && !isListed ? [view.experiment] : [])
  ];
  const value = view.scope === 'experiment' ? EXPERIMENT + view.experiment : view.scope;
  const choose = (chosen: string): void => {
    if (chosen.startsWith(EXPERIMENT)) {
      props.onShow({ scope: 'experiment', experiment: chosen.slice(EXPERIMENT.length) });
    } else {
      props.onShow({ scope: chosen === 'project' ? 'project' : 'notebook' });
    }
  };
  return (
    <select
      className="bioml-Select bioml-mod-scope"
      aria-label={trans.__('Show runs of')}
      title={trans.__('Show runs of')}
      value={value}
      onFocus={props.onAskExperiments}
      onChange={event => choose(event.target.value)}
    >
      <option value="notebook">{trans.__('This notebook')}</option>
      <option value="project">{trans.__('All notebooks')}</option>
      {names.length > 0 && (
        <optgroup label={trans.__('MLflow experiments')}>
          {names.map(name => (
            <option key={name} value={EXPERIMENT + name}>
              {printable(name)}
            </option>
          ))}
        </optgroup>
      )}
    </select>
  );
}

function Metric(props: IFilterBarProps): React.ReactElement {
  const { metric, metricKeys, trans } = props;
  return (
    <select
      className="bioml-Select"
      aria-label={trans.__('Metric shown')}
      title={trans.__('Metric shown')}
      value={metric}
      disabled={metricKeys.length === 0}
      onChange={event => props.onShow({ metric: event.target.value })}
    >
      {metricKeys.length === 0 && <option value={metric}>{trans.__('no metric')}</option>}
      {metricKeys.map(key => (
        <option key={key} value={key}>
          {printable(key)}
        </option>
      ))}
    </select>
  );
}

function More(props: IFilterBarProps): React.ReactElement {
  const { view, metric, trans, onShow } = props;
  const toggleState = (state: RunRow['state']): void =>
    onShow({
      states: view.states.includes(state) ? view.states.filter(one => one !== state) : [...view.states, state]
    });
  return (
    <div className="bioml-Filter-more">
      <fieldset className="bioml-Filter-set">
        <legend>{trans.__('State')}</legend>
        {STATES.map(state => (
          <Check
            key={state}
            label={state === 'KILLED' ? trans.__('killed, interrupted') : stateWord(state, trans)}
            isOn={view.states.includes(state)}
            onToggle={() => toggleState(state)}
          />
        ))}
      </fieldset>
      <div className="bioml-Filter-line">
        <TextField
          label={trans.__('Tags, key or key=value, separated by commas')}
          placeholder={trans.__('Tags: key or key=value')}
          type="text"
          value={view.tags}
          onChange={tags => onShow({ tags })}
        />
      </div>
      <fieldset className="bioml-Filter-set" disabled={metric === ''}>
        <legend>
          {metric === '' ? trans.__('Metric from, to') : trans.__('%1 from, to', printable(metric))}
        </legend>
        <NumberField label={trans.__('Smallest')} value={view.min} onChange={min => onShow({ min })} />
        <NumberField label={trans.__('Largest')} value={view.max} onChange={max => onShow({ max })} />
      </fieldset>
      <Order {...props} />
      <div className="bioml-Filter-set">
        <Check
          label={trans.__('starred only')}
          isOn={view.starred}
          onToggle={() => onShow({ starred: !view.starred })}
        />
        <Check
          label={trans.__('include archived')}
          isOn={view.archived}
          onToggle={() => onShow({ archived: !view.archived })}
        />
        <button
          type="button"
          className="bioml-Button"
          disabled={!isFiltered(view)}
          onClick={() => onShow(NO_FILTER)}
        >
          {trans.__('Clear filters')}
        </button>
      </div>
    </div>
  );
}

function Order(props: IFilterBarProps): React.ReactElement {
  const { view, metric, trans, onShow } = props;
  const names: Record<IRunView['sort'], string> = {
    started: trans.__('by time'),
    name: trans.__('by name'),
    duration: trans.__('by duration'),
    metric: metric === '' ? trans.__('by metric') : trans.__('by %1', printable(metric))
  };
  const sorts: readonly IRunView['sort'][] = ['started', 'name', 'duration', 'metric'];
  return (
    <div className="bioml-Filter-line">
      <select
        className="bioml-Select"
        aria-label={trans.__('Order')}
        title={trans.__('Order')}
        value={view.sort}
        onChange={event => onShow({ sort: sorts.find(sort => sort === event.target.value) ?? 'started' })}
      >
        {sorts.map(sort => (
          <option key={sort} value={sort} disabled={sort === 'metric' && metric === ''}>
            {names[sort]}
          </option>
        ))}
      </select>
      <Toggle
        label={trans.__('Ascending')}
        sign={view.order === 'asc' ? '↑' : '↓'}
        isOn={view.order === 'asc'}
        onToggle={() => onShow({ order: view.order === 'asc' ? 'desc' : 'asc' })}
      />
    </div>
  );
}
