import type { TranslationBundle } from '@jupyterlab/translation';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import React from 'react';
import type { Best, RunRow } from '../../api/wire';
import type { Item } from '../../model/groups';
import type { Choice, ILines } from '../../model/selection';
import { GroupLine, RunLine } from './RunLine';
import { useNow } from './useNow';

/** Height of a line in pixels; all are the same, so that the list never jumps when a page comes in. */
export const LINE = 44;
const STEP = 8;

export interface IRunListProps {
  lines: ILines;
  isGrouped: boolean;
  isSelected: (id: string) => boolean;
  /** Whether a run is being made again. */
  isReproducing?: (row: RunRow) => boolean;
  /** Key of the line that the keyboard is on. */
  active: string | null;
  metric: string;
  best: Best | undefined;
  withNotebook: boolean;
  /** New runs that wait until the pointer leaves the list. */
  heldBack: number;
  /** How many lines came in above since the list began. */
  inserted: number;
  onChoose: (index: number, choice: Choice) => void;
  /** @returns the index that the keyboard is on then. */
  onMove: (by: number, choice: 'one' | 'range' | null) => number;
  onOpen: (row: RunRow) => void;
  onToggleGroup: (key: string) => void;
  onSee: (first: number, last: number) => void;
  onHold: (isHeld: boolean) => void;
  onMount?: (list: HTMLElement) => void;
  trans: TranslationBundle;
}

/** A list of runs, however long: only what is seen is there. */
export function RunList(props: IRunListProps): React.ReactElement {
  const { lines, isGrouped, active, onMount, trans } = props;
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
        role={isGrouped ? 'tree' : 'listbox'}
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
  const { item, index, isGrouped, lines } = props;
  const isSelected = item.kind === 'run' && props.isSelected(item.row.record_id);
  const isChild = item.kind === 'run' && item.level === 2;
  const names = [
    'bioml-Line',
    isSelected ? 'jp-mod-selected' : '',
    props.isActive ? 'bioml-mod-active' : '',
    isChild ? 'bioml-mod-child' : ''
  ];
  return (
    <div
      id={props.id}
      className={names.filter(Boolean).join(' ')}
      role={isGrouped ? 'treeitem' : 'option'}
      aria-selected={isSelected}
      aria-setsize={lines.count}
      aria-posinset={index + 1}
      aria-level={isGrouped ? (isChild ? 2 : 1) : undefined}
      aria-expanded={item.kind === 'group' ? item.isOpen : undefined}
      data-record={item.kind === 'run' ? item.row.record_id : undefined}
      style={{ height: LINE, transform: `translateY(${props.start}px)` }}
      onClick={event => {
        if (item.kind === 'group') {
          props.onToggleGroup(item.key);
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
          metric={metric}
          best={best}
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
    case 'blank':
      return <div className="bioml-Line-blank">{trans.__('Loading…')}</div>;
  }
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

/** Arrows, pages and ends go; shift extends, ctrl only goes; space chooses, Enter opens. */
function useKeys(
  props: IRunListProps,
  active: number,
  scroll: React.RefObject<HTMLDivElement>,
  show: (index: number) => void
): (event: React.KeyboardEvent) => void {
  const { lines } = props;
  return event => {
    const steps = Object.entries({
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: STEP,
      PageUp: -STEP,
      Home: -lines.count,
      End: lines.count
    }).find(([key]) => key === event.key);
    const item = active === -1 ? null : lines.item(active);
    if (steps) {
      const index = props.onMove(
        steps[1],
        event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? null : 'one'
      );
      if (index >= 0) {
        show(index);
      }
    } else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      openMenu(scroll.current);
    } else if (!item || !onItem(event, props, item, active)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
}

/** @returns whether the key means something on this line. */
function onItem(event: React.KeyboardEvent, props: IRunListProps, item: Item, index: number): boolean {
  if (event.key === ' ') {
    props.onChoose(index, event.shiftKey ? 'range' : 'toggle');
    return true;
  }
  if (item.kind === 'run' && event.key === 'Enter') {
    props.onOpen(item.row);
    return true;
  }
  const isToggle =
    item.kind === 'group' &&
    (event.key === 'Enter' || event.key === (item.isOpen ? 'ArrowLeft' : 'ArrowRight'));
  if (isToggle) {
    props.onToggleGroup(item.key);
  }
  return isToggle;
}

/** Open the context menu of the chosen runs as a right click would, below the line that the keyboard is on. */
export function openMenu(list: HTMLElement | null): void {
  const at = (list?.querySelector('.bioml-mod-active') ?? list)?.getBoundingClientRect();
  if (list && at) {
    list.dispatchEvent(
      new MouseEvent('contextmenu', {
        bubbles: true,
        cancelable: true,
        clientX: at.left + 24,
        clientY: at.top + LINE / 2
      })
    );
  }
}
