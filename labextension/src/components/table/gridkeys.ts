import type React from 'react';
import type { RunRow } from '../../api/wire';
import { copyText } from '../../model/clipboard';
import { exactOf, valueOf } from '../../model/table/tablecolumns';
import type { TableModel } from '../../model/table/tablemodel';
import { resized, sortedBy, widthsOf } from '../../model/table/tableview';

/** Pixels by which a key makes a column wider or narrower. */
const WIDER = 16;

/** What the keyboard leads to beside the table itself. */
export interface IGridActions {
  onOpen: (row: RunRow) => void;
  /** Put the keyboard on the filter. */
  onFilter: () => void;
  /** Open the menu of the chosen runs. */
  onMenu: (x: number, y: number) => void;
}

/**
 * Arrows, pages and ends go as in any grid, with shift they choose what lies between; space chooses, Enter opens; on the
 * heads Enter sorts, and shift with an arrow makes the column wider.
 *
 * @param page - lines that a page key goes.
 */
export function useGridKeys(
  model: TableModel,
  actions: IGridActions,
  page: number
): (event: React.KeyboardEvent<HTMLElement>) => void {
  return event => {
    const isCommand = event.ctrlKey || event.metaKey;
    const handled =
      goes(event, model, page, isCommand) ||
      (isCommand ? commands(event, model) : does(event, model, actions));
    if (handled) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
}

/** @returns whether the key goes somewhere. */
function goes(event: React.KeyboardEvent, model: TableModel, page: number, isCommand: boolean): boolean {
  const { line, column, lines, view } = model;
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    ...(isCommand ? { Home: -lines.count, End: lines.count } : {})
  };
  const step = steps[event.key];
  if (step !== undefined) {
    // only the arrow leads from the first line to the heads
    const least = event.key === 'ArrowUp' ? -1 : 0;
    const to = Math.min(lines.count - 1, Math.max(least, line + step));
    const wasRun = line >= 0 && lines.item(line).kind === 'run';
    if (event.shiftKey && model.picked.size === 0 && wasRun) {
      void model.pick(line, 'one');
    }
    model.go(to);
    if (event.shiftKey && to >= 0) {
      void model.pick(to, 'range');
    }
    return true;
  }
  if (event.key === 'Home' || event.key === 'End') {
    model.go(line, event.key === 'Home' ? 0 : view.columns.length - 1);
    return true;
  }
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') {
    return false;
  }
  const by = event.key === 'ArrowLeft' ? -1 : 1;
  if (line === -1 && event.shiftKey) {
    model.show(resized(view, column, widthsOf(view)[column] + by * WIDER));
  } else if (!folds(model, by)) {
    model.go(line, column + by);
  }
  return true;
}

/** Arrows to the sides open and close a group; from the first column of its runs the left one leads to the group. */
function folds(model: TableModel, by: number): boolean {
  const { line, column, lines } = model;
  const item = line >= 0 ? lines.item(line) : null;
  if (item?.kind === 'group') {
    if (item.isOpen === by < 0) {
      model.toggleGroup(item.group.key);
    }
    return true;
  }
  const head = line >= 0 ? lines.headOf(line) : -1;
  if (by < 0 && column === 0 && head >= 0) {
    model.go(head);
    return true;
  }
  return false;
}

function commands(event: React.KeyboardEvent, model: TableModel): boolean {
  const { line, column, lines, view } = model;
  const item = line >= 0 ? lines.item(line) : null;
  switch (event.key.toLowerCase()) {
    case 'a':
      void model.pickAll().catch(() => undefined);
      return true;
    case 'c': {
      if (item?.kind === 'run' && !window.getSelection()?.toString()) {
        const id = view.columns[column];
        void copyText(exactOf(id, valueOf(item.row, id)));
        return true;
      }
      return false;
    }
    default:
      return false;
  }
}

function does(event: React.KeyboardEvent<HTMLElement>, model: TableModel, actions: IGridActions): boolean {
  const { line, column, lines, view } = model;
  const item = line >= 0 ? lines.item(line) : null;
  switch (event.key) {
    case ' ':
      if (item?.kind === 'group') {
        model.toggleGroup(item.group.key);
      } else if (line >= 0) {
        void model.pick(line, event.shiftKey ? 'range' : 'toggle');
      }
      return true;
    case 'Enter':
      if (line === -1 && view.columns.length > 0) {
        model.show(sortedBy(view, view.columns[column]));
      } else if (item?.kind === 'group') {
        model.toggleGroup(item.group.key);
      } else if (item?.kind === 'run') {
        actions.onOpen(item.row);
      }
      return true;
    case '/':
      actions.onFilter();
      return true;
    case 'Escape':
      model.pickNone();
      return true;
    case 'ContextMenu':
    case 'F10': {
      if (event.key === 'F10' && !event.shiftKey) {
        return false;
      }
      const at = (
        event.currentTarget.querySelector('.bioml-mod-active') ?? event.currentTarget
      ).getBoundingClientRect();
      actions.onMenu(at.left + 24, at.bottom);
      return true;
    }
    default:
      return false;
  }
}
