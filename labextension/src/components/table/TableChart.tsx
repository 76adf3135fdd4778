import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Cell } from '../../model/csv';
import { formatNumber, printable } from '../../model/format';
import { axisOf, type Colours, coloursOf, nearestSpot, spotsOf } from '../../model/table/tablechart';
import { allColumns, FIGURE, kindWord, labelOf, parse, textOf } from '../../model/table/tablecolumns';
import type { TableModel } from '../../model/table/tablemodel';
import { metricOf } from '../../model/table/tableview';
import { Axes, chartText, lineStyle, MARGIN, useWidth } from '../charts/frame';
import { Check } from '../sidebar/Fields';
import { Empty, Loading, Problem } from '../Notice';
import { coloursIn, paint, shapes } from './paint';

const HEIGHT = 440;

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
        error === null && <Loading trans={trans} />
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
  const param = view.columns.find(id => parse(id).kind === 'params') ?? (differing && `params.${differing}`);
  return {
    x: param ?? 'started',
    y: metric === undefined ? 'duration' : `metrics.${metric}`,
    colour: view.group ?? '',
    xLog: false,
    yLog: false,
    isLine: false
  };
}

/** What is drawn, read again when other columns or other runs are asked for. */
function useData(model: TableModel, { x, y, colour }: IChoice): [IData | null, Error | null] {
  const [data, setData] = React.useState<IData | null>(null);
  const [error, setError] = React.useState<Error | null>(null);
  React.useEffect(() => {
    let isLast = true;
    const columns = ['name', x, y, ...(colour === '' ? [] : [colour])];
    model.values(columns).then(
      ({ runs, columns: [names, xs, ys, colours] }) => {
        if (isLast) {
          setData({ runs, names, x: xs, y: ys, colour: colours ?? null });
          setError(null);
        }
      },
      failed => isLast && setError(failed instanceof Error ? failed : new Error(String(failed)))
    );
    return () => {
      isLast = false;
    };
  }, [model, model.generation, model.total, x, y, colour]);
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
        label={trans.__('line through the means')}
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
      {missing > 0 && (
        <p className="bioml-soft">
          {trans._n(
            '%2 run lacks one of the two values and is not plotted.',
            '%2 runs lack one of the two values and are not plotted.',
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
  return `${printable(String(data.names[index])).slice(0, 100)}: ${parts.join(', ')}`;
}

/** What colours and shapes stand for. */
function Key(props: { colours: Colours; by: string; trans: TranslationBundle }): React.ReactElement | null {
  const { colours, by, trans } = props;
  if (colours.by === 'nothing' || by === '') {
    return null;
  }
  const label = chartText(labelOf(by, trans));
  if (colours.by === 'number') {
    return (
      <p className="bioml-ChartKey">
        {label} {formatNumber(colours.low)} <span className="bioml-Shades" aria-hidden="true" />{' '}
        {formatNumber(colours.high)}
      </p>
    );
  }
  const last = shapes.length - 1;
  return (
    <p className="bioml-ChartKey">
      <span>{label}:</span>
      {colours.names.slice(0, shapes.length).map((name, kind) => (
        <span key={name}>
          <svg width="12" height="12" viewBox="-7 -7 14 14" aria-hidden="true">
            <Shape kind={kind} />
          </svg>{' '}
          <bdi>
            {kind === last && colours.names.length > shapes.length ? trans.__('others') : chartText(name)}
          </bdi>
        </span>
      ))}
    </p>
  );
}

function Shape(props: { kind: number }): React.ReactElement {
  const { stroke } = lineStyle(props.kind);
  const corners = shapes[props.kind](5);
  return corners === null ? (
    <circle r={5} fill={stroke} />
  ) : (
    <polygon points={corners.map(corner => corner.join(',')).join(' ')} fill={stroke} />
  );
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
