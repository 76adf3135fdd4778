import type { TranslationBundle } from '@jupyterlab/translation';
import { useVirtualizer } from '@tanstack/react-virtual';
import React from 'react';
import type { Cell } from '../../model/csv';
import { formatNumber, printable } from '../../model/format';
import type { Figures } from '../../model/table/figures';
import { labelOf, textOf } from '../../model/table/tablecolumns';
import type { TableModel } from '../../model/table/tablemodel';
import { metricOf } from '../../model/table/tableview';
import { useWidth } from '../charts/frame';
import { Name } from '../Figure';
import { Loading, Problem } from '../Notice';
import { NoRuns } from './NoRuns';
import { Thumb, useFigures } from './Thumb';
import { useAnswer } from './useAnswer';

/** Height of a card, and the least width, in pixels. */
const CARD = 240;
const WIDTH = 250;
/** So many chosen runs are meant to be seen beside each other; one is chosen by every click on a line. */
const SEVERAL = 2;

interface IGalleryProps {
  model: TableModel;
  figures: Figures;
  onOpen: (id: string) => void;
  trans: TranslationBundle;
}

interface IData {
  runs: readonly string[];
  names: readonly Cell[];
  /** The column that is told beside the name. */
  about: string | null;
  values: readonly Cell[];
}

/** The same figure of many runs side by side: of the chosen ones, or of all that the filter finds. */
export function Gallery(props: IGalleryProps): React.ReactElement {
  const { model, trans } = props;
  const [data, error] = useRuns(model);
  const [place, setPlace] = React.useState(0);
  const most = useMostFigures(props.figures, data?.runs ?? []);
  if (data === null) {
    return error !== null ? (
      <Problem error={error} trans={trans} />
    ) : model.error === null ? (
      <Loading trans={trans} />
    ) : (
      <></>
    );
  }
  const count = data.runs.length;
  return (
    <div className="bioml-TableBody bioml-Gallery">
      <div className="bioml-Choices">
        <label>
          {trans.__('Figure')}
          <select value={place} onChange={event => setPlace(Number(event.target.value))}>
            {Array.from({ length: Math.max(1, most, place + 1) }, (_, index) => (
              <option key={index} value={index}>
                {index + 1}
              </option>
            ))}
          </select>
        </label>
        <span className="bioml-soft">
          {model.picked.size >= SEVERAL
            ? trans._n('of %2 selected run', 'of the %2 selected runs', count, formatNumber(count))
            : trans._n('of %2 run', 'of %2 runs', count, formatNumber(count))}
        </span>
      </div>
      {error !== null && <Problem error={error} trans={trans} />}
      {count === 0 ? <NoRuns model={model} trans={trans} /> : <Cards {...props} data={data} place={place} />}
    </div>
  );
}

/** The runs of the gallery, in the order of the table. */
function useRuns(model: TableModel): [IData | null, Error | null] {
  const metric = metricOf(model.view);
  const [answer, error] = useAnswer(model, metric === null ? ['name'] : ['name', `metrics.${metric}`]);
  const picked = model.picked.ids.join();
  const data = React.useMemo(() => {
    if (answer === null) {
      return null;
    }
    const { runs, columns } = answer.values;
    const [names, values] = columns;
    const places = [...runs.keys()].filter(at => model.picked.size < SEVERAL || model.picked.has(runs[at]));
    return {
      runs: places.map(at => runs[at]),
      names: places.map(at => names[at]),
      about: answer.asked[1] ?? null,
      values: places.map(at => values?.[at] ?? null)
    };
  }, [answer, picked]);
  return [data, error];
}

/** How many figures the run has that has the most, of those that are known: the first is always asked. */
function useMostFigures(figures: Figures, runs: readonly string[]): number {
  useFigures(figures, runs[0] ?? '');
  return figures.most(runs);
}

function Cards(props: IGalleryProps & { data: IData; place: number }): React.ReactElement {
  const { data, figures, place, trans } = props;
  const scroll = React.useRef<HTMLDivElement>(null);
  const [room, width] = useWidth(1000);
  const columns = Math.max(1, Math.floor(width / WIDTH));
  const virtual = useVirtualizer({
    count: Math.ceil(data.runs.length / columns),
    getScrollElement: () => scroll.current,
    estimateSize: () => CARD,
    overscan: 1
  });
  return (
    <div ref={scroll} className="bioml-Gallery-scroll" tabIndex={-1}>
      <div ref={room} />
      <ul
        style={{ height: virtual.getTotalSize(), position: 'relative' }}
        aria-label={trans.__('Figures of the runs')}
      >
        {virtual.getVirtualItems().flatMap(({ index: line, start }) =>
          Array.from({ length: columns }, (_, column) => line * columns + column)
            .filter(at => at < data.runs.length)
            .map((at, column) => {
              const name = printable(String(data.names[at])).slice(0, 200);
              const about =
                data.about === null
                  ? ''
                  : `${printable(labelOf(data.about, trans)).slice(0, 60)} ${textOf(data.about, data.values[at] ?? undefined, 0, trans) || '–'}`;
              return (
                <li
                  key={data.runs[at]}
                  style={{
                    height: CARD - 10,
                    width: `calc(${100 / columns}% - 10px)`,
                    transform: `translate(calc(${column} * (100% + 10px)), ${start}px)`
                  }}
                >
                  <button
                    type="button"
                    className="bioml-GalleryCard"
                    title={trans.__('Open %1', name)}
                    onClick={() => props.onOpen(data.runs[at])}
                  >
                    <span className="bioml-GalleryFigure">
                      <Thumb figures={figures} id={data.runs[at]} place={place} name={name} trans={trans} />
                    </span>
                    <Name className="bioml-GalleryName" title={null} text={name} />
                    <span className="bioml-soft">{about}</span>
                  </button>
                </li>
              );
            })
        )}
      </ul>
    </div>
  );
}
