import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { SeriesSet } from '../../api/wire';
import { formatDuration, formatNumber } from '../../model/format';
import type { ILine, Range } from '../../model/lines';
import { hiddenByLog, points, smoothed } from '../../model/lines';
import { own } from '../../model/own';
import { Legend } from '../charts/frame';
import { LineChart } from '../charts/LineChart';
import { ValueTable } from '../charts/ValueTable';
import { Name } from '../Figure';
import { Empty, Lazy } from '../Notice';
import type { IRunTab } from './tab';

/** The series of one run: its own ones, or several runs' in the same charts. */
export interface ICurveSource {
  id: string;
  /** Empty where there is one run only. */
  label: string;
  series: SeriesSet['series'];
}

export interface ICurvesProps {
  sources: readonly ICurveSource[];
  truncated: boolean;
  trans: TranslationBundle;
}

/** The keys of which some run has more than one value. */
export function curveKeys(sources: readonly ICurveSource[]): string[] {
  const keys = new Set<string>();
  for (const { series } of sources) {
    for (const [key, one] of Object.entries(series)) {
      if (one.steps.length > 1) {
        keys.add(key);
      }
    }
  }
  return [...keys].sort();
}

type Axis = 'step' | 'time';

/** The lines of some keys, each run in its own style (or each key, where there is one run). */
function linesOf(sources: readonly ICurveSource[], keys: readonly string[], axis: Axis): ILine[] {
  const single = sources.length === 1;
  return sources.flatMap((source, run) =>
    keys.flatMap((key, index) => {
      const one = own(source.series, key);
      if (one === undefined) {
        return [];
      }
      const xs = axis === 'step' ? one.steps : one.times.map(time => time - one.times[0]);
      const label = single ? key : keys.length > 1 ? `${source.label} · ${key}` : source.label;
      return [
        {
          id: `${source.id} ${key}`,
          label,
          style: single ? index : run * keys.length + index,
          points: points(xs, one.values)
        }
      ];
    })
  );
}

/** Step metrics as charts: which, how, and each value as a table. */
export function Curves(props: ICurvesProps): React.ReactElement {
  const { sources, truncated, trans } = props;
  const keys = React.useMemo(() => curveKeys(sources), [sources]);
  const [hidden, setHidden] = React.useState<ReadonlySet<string>>(new Set());
  const [log, setLog] = React.useState(false);
  const [together, setTogether] = React.useState(false);
  const [weight, setWeight] = React.useState(0);
  const [axis, setAxis] = React.useState<Axis>('step');
  const [zoom, setZoom] = React.useState<Range | null>(null);
  const [cursor, setCursor] = React.useState<number | null>(null);
  if (keys.length === 0) {
    return (
      <Empty>
        {trans.__('No metric has more than one value. Log a metric with a step to see its curve here.')}
      </Empty>
    );
  }
  const xLabel = axis === 'step' ? trans.__('step') : trans.__('time');
  const shown = keys.filter(key => !hidden.has(key));
  const groups = together ? [shown] : shown.map(key => [key]);
  const toggle = (key: string): void => {
    const next = new Set(hidden);
    if (!next.delete(key)) {
      next.add(key);
    }
    setHidden(next);
  };
  return (
    <div className="bioml-Curves">
      <fieldset className="bioml-Choices">
        <legend>{trans.__('Metrics')}</legend>
        {keys.map(key => (
          <label key={key}>
            <input type="checkbox" checked={!hidden.has(key)} onChange={() => toggle(key)} />
            <Name text={key} />
          </label>
        ))}
      </fieldset>
      <div className="bioml-Choices" role="group" aria-label={trans.__('Display of the curves')}>
        <label>
          <input type="checkbox" checked={log} onChange={() => setLog(!log)} />
          {trans.__('Log scale')}
        </label>
        <label>
          <input type="checkbox" checked={together} onChange={() => setTogether(!together)} />
          {trans.__('One chart')}
        </label>
        <label>
          {trans.__('Over')}
          <select
            value={axis}
            onChange={event => {
              setAxis(event.target.value as Axis);
              setZoom(null);
              setCursor(null);
            }}
          >
            <option value="step">{trans.__('step')}</option>
            <option value="time">{trans.__('time')}</option>
          </select>
        </label>
        <label>
          {trans.__('Smoothing')}
          <input
            type="range"
            min={0}
            max={0.99}
            step={0.01}
            value={weight}
            onChange={event => setWeight(Number(event.target.value))}
          />
          <output className="bioml-figure">{weight === 0 ? trans.__('off') : weight.toFixed(2)}</output>
        </label>
        <button type="button" className="bioml-Button" disabled={zoom === null} onClick={() => setZoom(null)}>
          {trans.__('Reset zoom')}
        </button>
      </div>
      {truncated && (
        <p className="bioml-soft">
          {trans.__(
            'Long series are thinned here; first and last values are kept. The export has every value.'
          )}
        </p>
      )}
      {groups.map(group => {
        const raw = linesOf(sources, group, axis);
        const lines = raw.map(line => smoothed(line, weight));
        const missing = log ? hiddenByLog(raw) : 0;
        const title = group.join(', ');
        return (
          <section key={title} className="bioml-Chart">
            <h3>
              <Name text={title} />
            </h3>
            {lines.length > 1 && <Legend entries={lines} />}
            <LineChart
              title={title}
              lines={lines}
              behind={weight > 0 ? raw : []}
              xLabel={xLabel}
              formatX={axis === 'step' ? formatNumber : formatDuration}
              log={log}
              zoom={zoom}
              onZoom={setZoom}
              cursor={cursor}
              onCursor={setCursor}
              trans={trans}
            />
            {missing > 0 && (
              <p className="bioml-soft">
                {trans._n(
                  '%1 value at or below zero cannot be shown on a log scale.',
                  '%1 values at or below zero cannot be shown on a log scale.',
                  missing
                )}
              </p>
            )}
            <ValueTable lines={raw} xLabel={xLabel} trans={trans} />
          </section>
        );
      })}
    </div>
  );
}

export const curvesTab: IRunTab = {
  id: 'curves',
  rank: 20,
  label: trans => trans.__('Curves'),
  count: detail => detail.series_keys.length || undefined,
  parts: model => [model.series],
  render: ({ detail, model, onTab, trans }) => (
    <Lazy part={model.series} onRetry={() => onTab('curves')} trans={trans}>
      {set => (
        <Curves
          sources={[{ id: detail.row.record_id, label: '', series: set.series }]}
          truncated={set.truncated}
          trans={trans}
        />
      )}
    </Lazy>
  )
};
