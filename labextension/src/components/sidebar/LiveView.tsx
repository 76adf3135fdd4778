import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Live, LiveRun } from '../../api/wire';
import * as format from '../../model/format';
import { ITrace, spanOf, traces } from '../../model/livefeed';
import { Name } from '../Figure';
import { BriefProblem, Empty, Loading } from '../Notice';
import { Sparkline } from './Sparkline';
import { useNow } from './useNow';

/** What runs now, and what it uses: a curve for each thing that could be read. */
export function LiveView(props: {
  live: Live | null;
  error: Error | null;
  hasNotebook: boolean;
  onRetry: () => void;
  /** Go to the cell that runs. */
  onCell: (run: LiveRun) => void;
  /** Interrupt the kernel. */
  onStop: () => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { live, error, trans } = props;
  const isBusy = live !== null && (live.runs.length > 0 || live.cell_started !== null);
  const now = useNow(isBusy);
  if (!props.hasNotebook) {
    return <Empty>{trans.__('Open a notebook to see what its kernel uses.')}</Empty>;
  }
  if (error) {
    return <BriefProblem error={error} onRetry={props.onRetry} trans={trans} />;
  }
  if (live === null) {
    return <Loading trans={trans} />;
  }
  return (
    <div className="bioml-Live">
      {live.runs.map(run => (
        <Running
          key={run.record_id}
          run={run}
          now={now}
          onCell={props.onCell}
          onStop={props.onStop}
          trans={trans}
        />
      ))}
      {!isBusy && <Empty>{trans.__('Nothing is running.')}</Empty>}
      {isBusy && live.runs.length === 0 && (
        <Empty>{trans.__('A cell is running. It is not an experiment, so no run is kept.')}</Empty>
      )}
      {traces(live.points).map(trace => (
        <Trace key={trace.key} trace={trace} live={live} now={now} trans={trans} />
      ))}
    </div>
  );
}

function Running(props: {
  run: LiveRun;
  now: number;
  onCell: (run: LiveRun) => void;
  onStop: () => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { run, trans } = props;
  const name = format.printable(run.name.slice(0, 300));
  return (
    <div className="bioml-Live-run">
      <button
        type="button"
        className="bioml-LinkButton"
        disabled={run.cell_id === null}
        title={trans.__('Go to the cell')}
        onClick={() => props.onCell(run)}
      >
        {run.execution_count === null ? trans.__('cell') : trans.__('cell [%1]', String(run.execution_count))}
      </button>
      <span className="bioml-Line-name">
        <Name text={name} />
      </span>
      <span className="bioml-figure" title={format.formatTime(run.started)}>
        {format.formatClock(props.now - run.started)}
      </span>
      <button
        type="button"
        className="bioml-SignButton"
        aria-label={trans.__('Stop %1', name)}
        title={trans.__('Stop: interrupt the kernel')}
        onClick={props.onStop}
      >
        ■
      </button>
    </div>
  );
}

function Trace(props: {
  trace: ITrace;
  live: Live;
  now: number;
  trans: TranslationBundle;
}): React.ReactElement {
  const { trace, live, now, trans } = props;
  const isShare = trace.kind === 'cpu' || trace.kind === 'gpu';
  const value = isShare ? format.formatPercent(trace.last) : format.formatBytes(trace.last);
  const name = traceName(trace, trans);
  const [from, to] = spanOf(live.points, now);
  return (
    <div className="bioml-Live-trace">
      <span className="bioml-Live-name">{name}</span>
      <Sparkline
        times={trace.times}
        values={trace.values}
        from={from}
        to={to}
        top={isShare ? 100 : 0}
        mark={live.cell_started}
        label={trans.__('%1 over the last %2, now %3', name, format.formatDuration(to - from), value)}
      />
      <span className="bioml-figure" title={format.formatExact(trace.last)}>
        {value}
      </span>
    </div>
  );
}

function traceName(trace: ITrace, trans: TranslationBundle): string {
  switch (trace.kind) {
    case 'cpu':
      return trans.__('CPU');
    case 'memory':
      return trans.__('Memory');
    case 'gpu':
      return trans.__('GPU%1', String(trace.index));
    case 'vram':
      return trans.__('VRAM%1', String(trace.index));
  }
}
