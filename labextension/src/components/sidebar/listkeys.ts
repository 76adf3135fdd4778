import type React from 'react';
import type { Item } from '../../model/groups';
import type { Choice, ILines } from '../../model/selection';
import type { RunRow } from '../../api/wire';

/** Height of a line in pixels; all are the same, so that the list never jumps when a page comes in. */
export const LINE = 44;
/** Lines that a page key goes. */
const STEP = 8;

/** What the keyboard can do in a list of runs. */
export interface IListActions {
  lines: ILines;
  /** Some lines can be opened. */
  isTree: boolean;
  onChoose: (index: number, choice: Choice) => void;
  /** @returns the index that the keyboard is on then. */
  onMove: (by: number, choice: 'one' | 'range' | null) => number;
  /** Choose every run of the list. */
  onChooseAll: () => void;
  onOpen: (row: RunRow) => void;
  onToggleGroup: (key: string) => void;
  /** Show or hide the runs in a run. */
  onToggleRun: (id: string) => void;
  /** Show more of the runs in a run. */
  onMore: (id: string) => void;
}

/** Arrows, pages and ends go; shift extends, ctrl only goes; space chooses, ctrl and A choose all, Enter opens. */
export function useKeys(
  props: IListActions,
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
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      props.onChooseAll();
    } else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      openMenu(scroll.current);
    } else if (!item || !onItem(event, props, active, show)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
}

/** @returns whether the key means something on this line. */
function onItem(
  event: React.KeyboardEvent,
  props: IListActions,
  index: number,
  show: (index: number) => void
): boolean {
  const item = props.lines.item(index);
  if (event.key === ' ') {
    props.onChoose(index, event.shiftKey ? 'range' : 'toggle');
    return true;
  }
  if (item.kind === 'run' && event.key === 'Enter') {
    props.onOpen(item.row);
    return true;
  }
  if (item.kind === 'group' && event.key === 'Enter') {
    props.onToggleGroup(item.key);
    return true;
  }
  if (item.kind === 'more' && event.key === 'Enter') {
    props.onMore(item.parent);
    return true;
  }
  return onBranch(event.key, props, index, show);
}

/** Arrows to the sides as in any tree: they open and close, and go to the first line below or to the line above. */
function onBranch(key: string, props: IListActions, index: number, show: (index: number) => void): boolean {
  const item = props.lines.item(index);
  const isOpen = item.kind === 'group' || item.kind === 'run' ? item.isOpen : undefined;
  if (!props.isTree || (key !== 'ArrowLeft' && key !== 'ArrowRight')) {
    return false;
  }
  if (isOpen === (key === 'ArrowLeft')) {
    if (item.kind === 'group') {
      props.onToggleGroup(item.key);
    } else if (item.kind === 'run') {
      props.onToggleRun(item.row.record_id);
    }
    return true;
  }
  const to = key === 'ArrowRight' ? (isOpen ? index + 1 : -1) : parentOf(props.lines, index);
  if (to >= 0 && to < props.lines.count) {
    show(props.onMove(to - index, 'one'));
  }
  return true;
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

/** On which level of the tree a line stands. */
export function levelOf(item: Item): number {
  return item.kind === 'run' || item.kind === 'more' ? item.level : 1;
}

/** Index of the line that a line stands below; -1 for one on the first level. */
function parentOf(lines: ILines, index: number): number {
  const level = levelOf(lines.item(index));
  let above = level === 1 ? -1 : index - 1;
  while (above >= 0 && levelOf(lines.item(above)) >= level) {
    above -= 1;
  }
  return above;
}
