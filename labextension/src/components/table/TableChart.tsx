import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Cell } from '../../model/csv';
import { formatNumber } from '../../model/format';
import { shortName } from '../../model/name';
import { axisOf, coloursOf, nearestSpot, spotsOf } from '../../model/table/tablechart';
import {
  allColumns,
  FIGURE,
  kindWord,
  labelOf,
  parse,
  textOf,
  valueOf
} from '../../model/table/tablecolumns';
import type { TableModel } from '../../model/table/tablemodel';
import { metricOf } from '../../model/table/tableview';
import { Axes, chartText, MARGIN, useWidth } from '../charts/frame';
import { SaveChart } from '../charts/SaveChart';
import { Check } from '../sidebar/Fields';
import { Empty, Loading, Problem } from '../Notice';
import { Key, legendOf } from './ChartKey';
import { NoRuns } from './NoRuns';
import { coloursIn, paint } from './paint';
import { useAnswer } from './useAnswer';

const HEIGHT = 440;
/** Pixels of a saved picture for each of the page's. */
const SHARPNESS = 3;

/** The columns of a chart, as they came from the server. */
interface IData {
  runs: readonly string[];
  names: readonly Cell[];
  x: readonly Cell[];
  y: readonly Cell[];
  colour: readonly Cell[] | null;
}

/** Which columns are drawn, and how. */
interface IChoice {
  x: string;
  y: string;
  colour: string;
  xLog: boolean;
  yLog: boolean;
  isLine: boolean;
}

interface ITableChartProps {
  model: TableModel;
  onOpen: (id: string) => void;
  trans: TranslationBundle;
}

/** Any column over any other, of every run that the filter finds; a press on a run opens it. */
export function TableChart(props: ITableChartProps): React.ReactElement {
  const { model, trans } = props;
  const [choice, setChoice] = React.useState(() => firstChoice(model));
  const [data, error] = useData(model, choice);
  return (
    <div className="bioml-TableBody bioml-TableChart">
      <Choices {...props} choice={choice} onChoose={change => setChoice({ ...choice, ...change })} />
      {error !== null && <Problem error={error} trans={trans} />}
      {data === null ? (
        error === null && model.error === null && <Loading trans={trans} />
      ) : data.runs.length === 0 ? (
        <NoRuns model={model} trans={trans} />
      ) : (
        <Plot {...props} data={data} choice={choice} />
      )}
    </div>
  );
}

function firstChoice(model: TableModel): IChoice {
  const { view, keys } = model;
  const metric = metricOf(view) ?? keys?.metrics[0]?.key;
  const differing = keys?.params.find(({ differs }) => differs)?.key;
  const params = view.columns.filter(id => parse(id).kind === 'params');
  const known = model.lines.known();
  // words across say less than numbers
  const isNumber = (id: string): boolean => known.some(row => typeof valueOf(row, id) === 'number');
  const param = params.find(isNumber) ?? params[0] ?? (differing && `params.${differing}`);
  return {
    x: param ?? 'started',
    y: metric === undefined ? 'duration' : `metrics.${metric}`,
    colour: view.group ?? '',
    xLog: false,
    yLog: false,
    isLine: false
  };
}

/** What is drawn. */
function useData(model: TableModel, { x, y, colour }: IChoice): [IData | null, Error | null] {
  const [answer, error] = useAnswer(model, ['name', x, y, ...(colour === '' ? [] : [colour])]);
  const data = React.useMemo(() => {
    if (answer === null) {
      return null;
    }
    const { runs, columns } = answer.values;
    const [names, xs, ys, colours] = columns;
    return { runs, names, x: xs, y: ys, colour: colours ?? null };
  }, [answer]);
  return [data, error];
}

function Choices(
  props: ITableChartProps & { choice: IChoice; onChoose: (change: Partial<IChoice>) => void }
): React.ReactElement {
  const { model, choice, onChoose, trans } = props;
  const columns = model.keys === null ? [] : allColumns(model.keys).filter(id => id !== FIGURE);
  return (
    <div className="bioml-Choices">
      <Column
        {...props}
        label={trans.__('Up')}
        columns={columns}
        value={choice.y}
        onChange={y => onChoose({ y })}
      />
      <Column
        {...props}
        label={trans.__('Across')}
        columns={columns}
        value={choice.x}
        onChange={x => onChoose({ x })}
      />
      <Column
        {...props}
        label={trans.__('Colour')}
        columns={['', ...columns]}
        value={choice.colour}
        onChange={colour => onChoose({ colour })}
      />
      <Check
        label={trans.__('log up')}
        isOn={choice.yLog}
        onToggle={() => onChoose({ yLog: !choice.yLog })}
      />
      <Check
        label={trans.__('log across')}
        isOn={choice.xLog}
        onToggle={() => onChoose({ xLog: !choice.xLog })}
      />
      <Check
        label={trans.__('mean line')}
        isOn={choice.isLine}
        onToggle={() => onChoose({ isLine: !choice.isLine })}
      />
    </div>
  );
}

function Column(props: {
  label: string;
  columns: readonly string[];
  value: string;
  onChange: (id: string) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { label, columns, value, onChange, trans } = props;
  return (
    <label>
      {label}
      <select value={value} onChange={event => onChange(event.target.value)}>
        {[...(columns.includes(value) ? [] : [value]), ...columns].map(id => (
          <option key={id} value={id}>
            {id === '' ? trans.__('nothing') : `${chartText(labelOf(id, trans))} (${kindWord(id, trans)})`}
          </option>
        ))}
      </select>
    </label>
  );
}

function Plot(props: ITableChartProps & { data: IData; choice: IChoice }): React.ReactElement {
  const { data, choice, onOpen, trans } = props;
  const [place, width] = useWidth();
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const drawing = React.useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const [marked, setMarked] = React.useState(-1);
  const drawn = React.useMemo(() => {
    const x = axisOf(choice.x, data.x, [MARGIN.left + 12, width - MARGIN.right - 12], choice.xLog);
    const y = axisOf(choice.y, data.y, [HEIGHT - MARGIN.bottom - 12, MARGIN.top + 12], choice.yLog);
    const colours = coloursOf(data.colour);
    return { x, y, colours, spots: spotsOf(data.x, data.y, data.colour, x, y, colours) };
  }, [data, choice.x, choice.y, choice.xLog, choice.yLog, width]);
  const { spots, colours } = drawn;
  const isShaded = colours.by === 'number';
  React.useEffect(() => setMarked(-1), [spots]);
  React.useEffect(() => {
    if (canvas.current?.parentElement) {
      const all = coloursIn(canvas.current.parentElement, isShaded);
      paint(canvas.current, [width, HEIGHT], spots, all, { isShaded, isLine: choice.isLine, marked });
    }
  }, [spots, width, isShaded, choice.isLine, marked, theme]);
  const spot = spots[marked];
  const told = spot === undefined ? '' : tell(data, choice, spot.index, trans);
  const missing = data.runs.length - spots.length;
  const label = trans.__(
    '%1 against %2',
    chartText(labelOf(choice.y, trans)),
    chartText(labelOf(choice.x, trans))
  );
  const at = (event: React.PointerEvent | React.MouseEvent): number => {
    const { left, top } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return nearestSpot(spots, event.clientX - left, event.clientY - top);
  };
  return (
    <div ref={place}>
      <Key colours={colours} by={choice.colour} trans={trans} />
      {spots.length === 0 ? (
        <Empty>{trans.__('No run has both values.')}</Empty>
      ) : (
        <div
          ref={drawing}
          className={`bioml-Canvas${marked === -1 ? '' : ' bioml-mod-spot'}`}
          role="group"
          tabIndex={0}
          aria-label={trans.__(
            '%1, %2 runs: arrows go from run to run, Enter opens one',
            label,
            formatNumber(spots.length)
          )}
          style={{ height: HEIGHT }}
          onPointerMove={event => setMarked(at(event))}
          onPointerLeave={() => setMarked(-1)}
          onClick={event => at(event) >= 0 && onOpen(data.runs[spots[at(event)].index])}
          onKeyDown={event => {
            const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (by !== undefined) {
              setMarked(Math.min(spots.length - 1, Math.max(0, marked + by)));
            } else if (event.key === 'Enter' && spot !== undefined) {
              onOpen(data.runs[spot.index]);
            } else {
              return;
            }
            event.preventDefault();
          }}
        >
          <svg width={width} height={HEIGHT} aria-hidden="true">
            <Axes
              width={width}
              height={HEIGHT}
              xTicks={drawn.x.ticks}
              yTicks={drawn.y.ticks}
              xLabel={chartText(labelOf(choice.x, trans))}
            />
          </svg>
          <canvas ref={canvas} style={{ width, height: HEIGHT }} aria-hidden="true" />
        </div>
      )}
      <div className="bioml-Readout" role="status">
        {told}
      </div>
      {spots.length > 0 && (
        <SaveChart
          place={drawing}
          title={label}
          extras={() => {
            const shades = coloursIn(drawing.current ?? document.body, isShaded);
            const sharp = document.createElement('canvas');
            const style = { isShaded, isLine: choice.isLine, marked: -1 };
            paint(sharp, [width, HEIGHT], spots, shades, style, SHARPNESS);
            return { legend: legendOf(colours, choice.colour, shades, trans), picture: sharp.toDataURL() };
          }}
          trans={trans}
        />
      )}
      {missing > 0 && (
        <p className="bioml-soft">
          {trans._n(
            '%2 run has None or nothing for one of the two and is not plotted.',
            '%2 runs have None or nothing for one of the two and are not plotted.',
            missing,
            formatNumber(missing)
          )}
        </p>
      )}
    </div>
  );
}

/** A run in words: its name and what is drawn of it. */
function tell(data: IData, choice: IChoice, index: number, trans: TranslationBundle): string {
  const now = Date.now() / 1000;
  const one = (id: string, value: Cell): string =>
    `${chartText(labelOf(id, trans))} ${value === null ? trans.__('none') : chartText(textOf(id, value, now, trans))}`;
  const parts = [one(choice.y, data.y[index]), one(choice.x, data.x[index])];
  if (data.colour !== null && choice.colour !== '') {
    parts.push(one(choice.colour, data.colour[index]));
  }
  return `${shortName(String(data.names[index]), 100)}: ${parts.join(', ')}`;
}

/** Another number when the theme changed: a canvas does not follow it by itself. */
function useTheme(): number {
  const [count, again] = React.useReducer((before: number) => before + 1, 0);
  React.useEffect(() => {
    const observer = new MutationObserver(() => again());
    observer.observe(document.body, { attributes: true, attributeFilter: ['data-jp-theme-name'] });
    return () => observer.disconnect();
  }, []);
  return count;
}
