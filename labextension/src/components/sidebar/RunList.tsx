import type { TranslationBundle } from '@jupyterlab/translation';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import React from 'react';
import type { Best, RunRow } from '../../api/wire';
import type { Children } from '../../model/children';
import { formatNumber, printable } from '../../model/format';
import type { Item } from '../../model/groups';
import type { Choice, ILines } from '../../model/selection';
import { columnsIn, type IWideColumn } from '../../model/wide';
import { type IListActions, levelOf, LINE, useKeys } from './listkeys';
import { GroupLine, RunLine } from './RunLine';
import { useNow } from './useNow';

export interface IRunListProps extends IListActions {
  isSelected: (id: string) => boolean;
  /** Whether a run is being reproduced. */
  isReproducing?: (row: RunRow) => boolean;
  /** Key of the line that the keyboard is on. */
  active: string | null;
  metric: string;
  best: Best | undefined;
  withNotebook: boolean;
  /** Further figures, the most telling first: as many are shown as there is room for. */
  columns?: readonly IWideColumn[];
  /** New runs that wait until the pointer leaves the list. */
  heldBack: number;
  /** How many lines came in above since the list began. */
  inserted: number;
  onSee: (first: number, last: number) => void;
  onHold: (isHeld: boolean) => void;
  onMount?: (list: HTMLElement) => void;
  trans: TranslationBundle;
}

/** A list of runs, however long: only what is seen is there. */
export function RunList(props: IRunListProps): React.ReactElement {
  const { lines, isTree, active, onMount, trans } = props;
  const scroll = React.useRef<HTMLDivElement>(null);
  const id = React.useId();
  const activeIndex = active === null ? -1 : lines.indexOf(active);
  const virtual = useVirtualizer({
    count: lines.count,
    getScrollElement: () => scroll.current,
    estimateSize: () => LINE,
    overscan: 5,
    rangeExtractor: range => withActive(defaultRangeExtractor(range), activeIndex)
  });
  const seen = virtual.getVirtualItems();
  const range = virtual.range;
  React.useEffect(() => {
    if (scroll.current) {
      onMount?.(scroll.current);
    }
  }, []);
  useSeen(range?.startIndex ?? 0, range?.endIndex ?? 0, lines.count, props.onSee);
  useAnchor(scroll, props.inserted);
  const room = useRoom(scroll);
  const columns = React.useMemo(() => props.columns?.slice(0, room), [props.columns, room]);
  const now = useNow(seen.some(({ index }) => isRunning(lines.item(index))));
  const lineId = (index: number): string => `${id}-${index}`;
  const onKeyDown = useKeys(props, activeIndex, scroll, index => virtual.scrollToIndex(index));
  return (
    <div className="bioml-RunList-place">
      {props.heldBack > 0 && (
        <div className="bioml-RunList-held" role="status">
          {trans._n('▲ %1 new run', '▲ %1 new runs', props.heldBack)}
        </div>
      )}
      <div
        ref={scroll}
        className="bioml-RunList"
        role={isTree ? 'tree' : 'listbox'}
        aria-label={trans.__('Runs')}
        aria-multiselectable={true}
        aria-activedescendant={activeIndex === -1 ? undefined : lineId(activeIndex)}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onMouseEnter={() => props.onHold(true)}
        onMouseLeave={() => props.onHold(false)}
      >
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {seen.map(({ index, start }) => (
            <Line
              {...props}
              columns={columns}
              key={lines.item(index).key}
              id={lineId(index)}
              index={index}
              isActive={index === activeIndex}
              item={lines.item(index)}
              start={start}
              now={now}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function Line(
  props: IRunListProps & {
    id: string;
    index: number;
    isActive: boolean;
    item: Item;
    start: number;
    now: number;
  }
): React.ReactElement {
  const { item, index, isTree } = props;
  const isSelected = item.kind === 'run' && props.isSelected(item.row.record_id);
  const level = levelOf(item);
  const [at, of] = placeOf(props);
  const names = [
    'bioml-Line',
    isSelected ? 'jp-mod-selected' : '',
    props.isActive ? 'bioml-mod-active' : '',
    level > 1 ? `bioml-mod-level${level}` : ''
  ];
  return (
    <div
      id={props.id}
      className={names.filter(Boolean).join(' ')}
      role={isTree ? 'treeitem' : 'option'}
      aria-selected={isSelected}
      aria-setsize={of}
      aria-posinset={at}
      aria-level={isTree ? level : undefined}
      aria-expanded={item.kind === 'group' || item.kind === 'run' ? item.isOpen : undefined}
      data-record={item.kind === 'run' ? item.row.record_id : undefined}
      style={{ height: LINE, transform: `translateY(${props.start}px)` }}
      onClick={event => {
        if (item.kind === 'group') {
          props.onToggleGroup(item.key);
        } else if (item.kind === 'more') {
          props.onMore(item.parent);
        }
        props.onChoose(index, choiceOf(event));
      }}
      onDoubleClick={() => item.kind === 'run' && props.onOpen(item.row)}
      onContextMenu={() => !isSelected && props.onChoose(index, 'one')}
    >
      <LineContent {...props} />
    </div>
  );
}

function LineContent(props: React.ComponentProps<typeof Line>): React.ReactElement {
  const { item, metric, best, now, trans } = props;
  switch (item.kind) {
    case 'run':
      return (
        <RunLine
          row={item.row}
          metric={item.child?.metric ?? metric}
          best={item.child ? item.child.best : best}
          child={item.child}
          isOpen={item.isOpen}
          onToggle={() => props.onToggleRun(item.row.record_id)}
          columns={props.columns}
          now={now}
          withNotebook={props.withNotebook}
          isReproducing={props.isReproducing?.(item.row)}
          trans={trans}
        />
      );
    case 'group':
      return (
        <GroupLine
          group={item.group}
          isOpen={item.isOpen}
          metric={metric}
          best={best}
          now={now}
          trans={trans}
        />
      );
    case 'more':
      return <MoreLine runs={item.children} trans={trans} />;
    case 'blank':
      return <div className="bioml-Line-blank">{trans.__('Loading…')}</div>;
  }
}

/** Below the runs in a run: that they are read, could not be, or that there are more. */
function MoreLine(props: { runs: Children; trans: TranslationBundle }): React.ReactElement {
  const { runs, trans } = props;
  const { rows, total, next, error } = runs;
  if (runs.isReading || (total === null && error === null)) {
    return <div className="bioml-Line-blank">{trans.__('Loading…')}</div>;
  }
  if (error !== null) {
    const words = printable(error.message.slice(0, 200));
    return (
      <div title={words}>
        <div className="bioml-Line-main bioml-error">
          <span aria-hidden="true">⚠ </span>
          <span className="bioml-Line-name">{trans.__('Could not be read: %1', words)}</span>
        </div>
        <div className="bioml-Line-more">
          <span className="bioml-Line-link">{trans.__('Try again')}</span>
        </div>
      </div>
    );
  }
  return (
    <div className="bioml-Line-blank bioml-Line-next">
      <span className="bioml-Line-link">{trans.__('Show %1 more', formatNumber(next))}</span>{' '}
      <span className="bioml-soft">
        {trans.__('%1 of %2 shown', formatNumber(rows.length), formatNumber(total))}
      </span>
    </div>
  );
}

/** Place among its neighbours and their number, for screen readers; a line below a run's runs has none. */
function placeOf(props: { item: Item; index: number; lines: ILines }): [number, number] | [] {
  const { item, index, lines } = props;
  if (item.kind === 'more') {
    return [];
  }
  const place = item.kind === 'blank' ? undefined : item.place;
  return place ? [place[0], place[1]] : [index + 1, lines.count];
}

function choiceOf(event: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): Choice {
  return event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'one';
}

function isRunning(item: Item): boolean {
  return item.kind === 'run' && item.row.state === 'RUNNING';
}

/** The line that the keyboard is on stays there when it is scrolled out of sight: screen readers point at it. */
function withActive(indices: number[], active: number): number[] {
  if (active === -1 || indices.includes(active)) {
    return indices;
  }
  return [...indices, active].sort((a, b) => a - b);
}

function useSeen(first: number, last: number, count: number, onSee: IRunListProps['onSee']): void {
  const latest = React.useRef(onSee);
  latest.current = onSee;
  React.useEffect(() => latest.current(first, last), [first, last, count]);
}

/** How many further columns there is room for. */
function useRoom(list: React.RefObject<HTMLElement>): number {
  const [room, setRoom] = React.useState(0);
  React.useEffect(() => {
    const element = list.current;
    if (element === null) {
      return;
    }
    const observer = new ResizeObserver(() => setRoom(columnsIn(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [list]);
  return room;
}

/** A list that is scrolled stays where it is when runs come in above. */
function useAnchor(scroll: React.RefObject<HTMLDivElement>, inserted: number): void {
  const before = React.useRef(inserted);
  React.useLayoutEffect(() => {
    const element = scroll.current;
    if (element && element.scrollTop > 0) {
      element.scrollTop += (inserted - before.current) * LINE;
    }
    before.current = inserted;
  }, [scroll, inserted]);
}
