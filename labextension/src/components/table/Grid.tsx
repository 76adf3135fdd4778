import type { TranslationBundle } from '@jupyterlab/translation';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import React from 'react';
import type { Figures } from '../../model/table/figures';
import { FIGURE, isRight, kindWord, labelOf, parse, valueOf } from '../../model/table/tablecolumns';
import type { TableItem } from '../../model/table/tablelines';
import type { Pick, TableModel } from '../../model/table/tablemodel';
import { metricOf, resized, sortedBy, widthsOf } from '../../model/table/tableview';
import { printable } from '../../model/format';
import { Name } from '../Figure';
import { useNow } from '../sidebar/useNow';
import { type IGridActions, useGridKeys } from './gridkeys';
import { GroupCells, RunCells } from './GridRow';

/** Heights in pixels: of the heads, of a line, and of one with a thumbnail. */
const HEAD = 30;
const LINE = 28;
const TALL = 68;

interface IGridProps extends IGridActions {
  model: TableModel;
  figures: Figures;
  trans: TranslationBundle;
}

/** The table of runs, however long: only the lines in sight are there. */
export function Grid(props: IGridProps): React.ReactElement {
  const { model, trans } = props;
  const { lines, view, line, column } = model;
  const scroll = React.useRef<HTMLDivElement>(null);
  const id = React.useId();
  const height = view.columns.includes(FIGURE) ? TALL : LINE;
  const virtual = useVirtualizer({
    count: lines.count,
    getScrollElement: () => scroll.current,
    estimateSize: index => (lines.item(index).kind === 'group' ? LINE : height),
    paddingStart: HEAD,
    scrollPaddingStart: HEAD,
    overscan: 6,
    rangeExtractor: range => withActive(defaultRangeExtractor(range), line)
  });
  // heights depend on what the lines are: after folding and choosing columns they are others
  React.useLayoutEffect(() => virtual.measure(), [height, lines.count, lines.groups]);
  React.useLayoutEffect(() => {
    if (scroll.current) {
      scroll.current.scrollTop = 0;
    }
  }, [model.generation]);
  const seen = virtual.getVirtualItems();
  const [first, last] = [virtual.range?.startIndex ?? 0, virtual.range?.endIndex ?? 0];
  React.useEffect(() => model.see(first, last), [model, first, last, lines.count, model.generation]);
  useInSight(scroll, line, column, view.columns.length, index => virtual.scrollToIndex(index));
  const now = useNow(seen.some(({ index }) => isRunning(lines.item(index))));
  const page = Math.max(1, Math.floor(((scroll.current?.clientHeight ?? 300) - HEAD) / height) - 1);
  const onKeyDown = useGridKeys(model, props, page);
  const cellId = (at: number, of: number): string => `${id}-${at}-${of}`;
  const active = activeId(model, cellId);
  const widths = widthsOf(view);
  const style = {
    '--bioml-columns': widths.map(width => `${width}px`).join(' '),
    '--bioml-width': `${widths.reduce((sum, width) => sum + width, 0)}px`
  } as React.CSSProperties;
  return (
    <div
      ref={scroll}
      className="bioml-Grid-table"
      role={lines.groups === null ? 'grid' : 'treegrid'}
      aria-label={trans.__('Runs')}
      aria-rowcount={lines.count + 1}
      aria-colcount={view.columns.length}
      aria-multiselectable={true}
      aria-activedescendant={active}
      tabIndex={0}
      style={style}
      onKeyDown={onKeyDown}
      onMouseEnter={() => model.hold(true)}
      onMouseLeave={() => model.hold(false)}
    >
      <div role="presentation" className="bioml-Grid-inner" style={{ height: virtual.getTotalSize() }}>
        <Heads {...props} cellId={at => cellId(-1, at)} />
        {seen.map(({ index, start, key }) => (
          <Line
            {...props}
            key={key}
            index={index}
            start={start}
            height={lines.item(index).kind === 'group' ? LINE : height}
            item={lines.item(index)}
            now={now}
            cellId={cellId}
          />
        ))}
      </div>
    </div>
  );
}

/** The heads of the columns: they sort, and their right edges make them wider. */
function Heads(props: IGridProps & { cellId: (column: number) => string }): React.ReactElement {
  const { model, trans } = props;
  const { view, listed } = model;
  const some = model.lines.known().slice(0, 20);
  const isNumeric = (id: string): boolean =>
    parse(id).kind === 'metrics' || some.some(row => isRight(id, valueOf(row, id)));
  return (
    <div role="row" aria-rowindex={1} className="bioml-GridRow bioml-GridHeads">
      {view.columns.map((id, index) => {
        const isSorted = listed.sort === id;
        const label = printable(labelOf(id, trans));
        const title = `${label} (${kindWord(id, trans)})`;
        const isActive = model.line === -1 && model.column === index;
        return (
          <div
            key={id}
            id={props.cellId(index)}
            role="columnheader"
            aria-colindex={index + 1}
            aria-sort={isSorted ? (listed.descending ? 'descending' : 'ascending') : undefined}
            className={`bioml-Cell bioml-GridHead${isActive ? ' bioml-mod-activeCell' : ''}${index === 0 ? ' bioml-mod-first' : ''}${isNumeric(id) ? ' bioml-figure' : ''}`}
            title={id === FIGURE ? title : trans.__('%1: click to sort', title)}
            onClick={() => model.show(sortedBy(view, id))}
          >
            <Name className="bioml-Cell-text" title={null} text={label.slice(0, 200)} />
            {isSorted && <span aria-hidden="true">{listed.descending ? ' ↓' : ' ↑'}</span>}
            <Edge model={model} index={index} />
          </div>
        );
      })}
    </div>
  );
}

/** The right edge of a head, which is drawn; on the keyboard shift with an arrow does the same. */
function Edge(props: { model: TableModel; index: number }): React.ReactElement {
  const { model, index } = props;
  const from = React.useRef<[number, number] | null>(null);
  return (
    <span
      className="bioml-GridEdge"
      aria-hidden="true"
      onClick={event => event.stopPropagation()}
      onPointerDown={event => {
        from.current = [event.clientX, widthsOf(model.view)[index]];
        event.currentTarget.setPointerCapture(event.pointerId);
        event.preventDefault();
      }}
      onPointerMove={event => {
        if (from.current) {
          model.show(resized(model.view, index, from.current[1] + event.clientX - from.current[0]));
        }
      }}
      onPointerUp={() => (from.current = null)}
      onPointerCancel={() => (from.current = null)}
    />
  );
}

function Line(
  props: IGridProps & {
    index: number;
    start: number;
    height: number;
    item: TableItem;
    now: number;
    cellId: (line: number, column: number) => string;
  }
): React.ReactElement {
  const { model, index, item, trans } = props;
  const { view, lines } = model;
  const isActive = model.line === index;
  const isPicked = item.kind === 'run' && model.picked.has(item.row.record_id);
  const isTree = lines.groups !== null;
  const idOf = React.useCallback((at: number) => props.cellId(index, at), [index]);
  const onToggle = React.useCallback(() => void model.pick(index, 'toggle'), [model, index]);
  const names = ['bioml-GridRow', isPicked ? 'jp-mod-selected' : '', isActive ? 'bioml-mod-active' : ''];
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={item.kind === 'run' ? isPicked : undefined}
      aria-level={isTree ? (item.kind === 'group' ? 1 : 2) : undefined}
      aria-expanded={item.kind === 'group' ? item.isOpen : undefined}
      className={names.filter(Boolean).join(' ')}
      data-record={item.kind === 'run' ? item.row.record_id : undefined}
      style={{ height: props.height, transform: `translateY(${props.start}px)` }}
      onClick={event => {
        model.go(index, columnAt(event));
        if (item.kind === 'group') {
          model.toggleGroup(item.group.key);
        } else {
          void model.pick(index, pickOf(event));
        }
      }}
      onDoubleClick={() => item.kind === 'run' && props.onOpen(item.row)}
      onContextMenu={event => {
        if (item.kind === 'run') {
          event.preventDefault();
          event.stopPropagation();
          const { clientX, clientY } = event;
          model.go(index);
          void (isPicked ? Promise.resolve() : model.pick(index, 'one')).then(() =>
            props.onMenu(clientX, clientY)
          );
        }
      }}
    >
      {item.kind === 'run' ? (
        <RunCells
          row={item.row}
          shown={view.columns}
          level={item.level}
          isPicked={isPicked}
          active={isActive ? model.column : -1}
          best={model.page?.best ?? NONE}
          figures={props.figures}
          now={props.now}
          idOf={idOf}
          onToggle={onToggle}
          trans={trans}
        />
      ) : item.kind === 'group' ? (
        <GroupCells
          group={item.group}
          by={view.group ?? ''}
          metric={metricOf(view)}
          isOpen={item.isOpen}
          isActive={isActive}
          span={view.columns.length}
          id={props.cellId(index, 0)}
          trans={trans}
        />
      ) : (
        <div role="gridcell" aria-colindex={1} className="bioml-Cell bioml-mod-first bioml-soft">
          {trans.__('Loading…')}
        </div>
      )}
    </div>
  );
}

const NONE = {};

/** The cell that the keyboard is on, as screen readers are told. */
function activeId(model: TableModel, cellId: (line: number, column: number) => string): string | undefined {
  const { line, column, lines, view } = model;
  if (view.columns.length === 0 || (line >= 0 && lines.item(line).kind === 'blank')) {
    return undefined;
  }
  return cellId(line, line >= 0 && lines.item(line).kind === 'group' ? 0 : column);
}

/** The column that was pressed. */
function columnAt(event: React.MouseEvent): number | undefined {
  const cell = (event.target as HTMLElement).closest('[aria-colindex]');
  return cell === null ? undefined : Number(cell.getAttribute('aria-colindex')) - 1;
}

function pickOf(event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): Pick {
  return event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'one';
}

function isRunning(item: TableItem): boolean {
  return item.kind === 'run' && item.row.state === 'RUNNING';
}

/** The line that the keyboard is on stays there when it is scrolled out of sight: screen readers point at it. */
function withActive(indices: number[], active: number): number[] {
  return active < 0 || indices.includes(active) ? indices : [...indices, active].sort((a, b) => a - b);
}

/** What the keyboard goes to is scrolled to, down and to the side. */
function useInSight(
  scroll: React.RefObject<HTMLDivElement>,
  line: number,
  column: number,
  columns: number,
  show: (index: number) => void
): void {
  const isFirst = React.useRef(true);
  React.useEffect(() => {
    if (!isFirst.current && line >= 0) {
      show(line);
    }
    isFirst.current = false;
  }, [line]);
  React.useEffect(() => {
    const place = scroll.current;
    const head = place?.querySelector<HTMLElement>(`.bioml-GridHead:nth-child(${column + 1})`);
    const frozen = place?.querySelector<HTMLElement>('.bioml-GridHead.bioml-mod-first')?.offsetWidth ?? 0;
    if (!place || !head || column === 0) {
      if (place && column === 0) {
        place.scrollLeft = 0;
      }
      return;
    }
    const [left, right] = [head.offsetLeft - frozen, head.offsetLeft + head.offsetWidth];
    if (place.scrollLeft > left) {
      place.scrollLeft = left;
    } else if (place.scrollLeft + place.clientWidth < right) {
      place.scrollLeft = right - place.clientWidth;
    }
  }, [column, columns]);
}
