import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Point, RunResources } from '../../api/wire';
import { formatBytes, formatDuration, formatNumber, printable } from '../../model/format';
import type { ILine, IPoint, Range } from '../../model/lines';
import { points, rates } from '../../model/lines';
import { Legend } from '../charts/frame';
import { LineChart } from '../charts/LineChart';
import { ValueTable } from '../charts/ValueTable';
import { Figure } from '../Figure';
import { Empty, Lazy } from '../Notice';
import type { IRunTab } from './tab';

interface IChart {
  id: string;
  title: string;
  lines: ILine[];
  format: (value: number) => string;
}

/** CPU, memory, traffic and each GPU, all over the same time; what was not read is named. */
export function ResourcesView(props: {
  resources: RunResources;
  trans: TranslationBundle;
}): React.ReactElement {
  const { resources, trans } = props;
  const [zoom, setZoom] = React.useState<Range | null>(null);
  const [cursor, setCursor] = React.useState<number | null>(null);
  const charts = React.useMemo(() => chartsOf(resources, trans), [resources, trans]);
  const last = resources.ended ?? resources.points[resources.points.length - 1]?.t ?? resources.started;
  const extent: Range = [0, Math.max(0, last - resources.started)];
  return (
    <div>
      <p className="bioml-Facts">
        <span>
          {trans.__('CPU time')}{' '}
          <Figure
            value={resources.cpu_seconds}
            text={formatDuration(resources.cpu_seconds)}
            unit="s"
            trans={trans}
          />
        </span>
        <span>
          {trans.__('Peak memory')}{' '}
          <Figure value={resources.peak_rss} text={formatBytes(resources.peak_rss)} unit="B" trans={trans} />
        </span>
        <button type="button" className="bioml-Button" disabled={zoom === null} onClick={() => setZoom(null)}>
          {trans.__('Reset zoom')}
        </button>
      </p>
      {resources.absent.length > 0 && (
        <ul className="bioml-Plain bioml-soft">
          {resources.absent.map((reason, index) => (
            <li key={index}>
              <span aria-hidden="true">– </span>
              {printable(reason)}
            </li>
          ))}
        </ul>
      )}
      {charts.length === 0 && <Empty>{trans.__('No readings: the run ended before the first one.')}</Empty>}
      {charts.map(chart => (
        <section key={chart.id} className="bioml-Chart">
          <h3>{chart.title}</h3>
          {chart.lines.length > 1 && <Legend entries={chart.lines} />}
          <LineChart
            title={chart.title}
            lines={chart.lines}
            height={130}
            xLabel={trans.__('since the start')}
            formatX={formatDuration}
            formatY={chart.format}
            fromZero={true}
            extent={extent}
            zoom={zoom}
            onZoom={setZoom}
            cursor={cursor}
            onCursor={setCursor}
            trans={trans}
          />
          <ValueTable lines={chart.lines} xLabel={trans.__('seconds')} trans={trans} />
        </section>
      ))}
    </div>
  );
}

const percent = (value: number): string => `${formatNumber(value)} %`;
const perSecond = (value: number): string => `${formatBytes(value)}/s`;

/** The charts that have at least one reading. */
export function chartsOf(resources: RunResources, trans: TranslationBundle): IChart[] {
  const all = resources.points;
  const times = all.map(point => point.t - resources.started);
  const of = (read: (point: Point) => number | null | undefined): IPoint[] =>
    points(
      times,
      all.map(point => read(point) ?? null)
    );
  const line = (label: string, style: number, found: IPoint[]): ILine => ({
    id: label,
    label,
    style,
    points: found
  });
  const traffic = (read: (point: Point) => number | null): IPoint[] => rates(times, all.map(read));
  const gpus = [...new Set(all.flatMap(point => point.gpus.map(gpu => gpu.index)))].sort((a, b) => a - b);
  const gpu = (point: Point, index: number): Point['gpus'][number] | undefined =>
    point.gpus.find(one => one.index === index);
  const charts: IChart[] = [
    {
      id: 'cpu',
      title: trans.__('CPU (100 %: one core busy)'),
      lines: [
        line(
          'CPU',
          0,
          of(point => point.cpu_percent)
        )
      ],
      format: percent
    },
    {
      id: 'memory',
      title: trans.__('Memory'),
      lines: [
        line(
          trans.__('resident'),
          1,
          of(point => point.rss)
        )
      ],
      format: formatBytes
    },
    {
      id: 'io',
      title: trans.__('Disk traffic between readings'),
      lines: [
        line(
          trans.__('read'),
          2,
          traffic(point => point.read_bytes)
        ),
        line(
          trans.__('written'),
          3,
          traffic(point => point.write_bytes)
        )
      ],
      format: perSecond
    },
    ...gpus.flatMap(index => {
      const own = all.some(point => gpu(point, index)?.own);
      const note = own ? '' : ` (${trans.__('not used by this kernel')})`;
      return [
        {
          id: `gpu${index}`,
          title: trans.__('GPU%1', index) + note,
          lines: [
            line(
              `GPU${index}`,
              4,
              of(point => gpu(point, index)?.utilization_percent)
            )
          ],
          format: percent
        },
        {
          id: `gpu${index}-memory`,
          title: trans.__('GPU%1 memory', index) + note,
          lines: [
            line(
              `GPU${index}`,
              5,
              of(point => gpu(point, index)?.memory)
            )
          ],
          format: formatBytes
        }
      ];
    })
  ];
  return charts.filter(chart => chart.lines.some(one => one.points.some(point => point.y !== null)));
}

export const resourcesTab: IRunTab = {
  id: 'resources',
  rank: 60,
  label: trans => trans.__('Resources'),
  parts: model => [model.resources],
  render: ({ model, onTab, trans }) => (
    <Lazy part={model.resources} onRetry={() => onTab('resources')} trans={trans}>
      {resources => <ResourcesView resources={resources} trans={trans} />}
    </Lazy>
  )
};
