import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { printable } from '../model/format';
import type { TrackingState } from '../tokens';

const SIGNS: Record<TrackingState, string> = { off: '○', on: '●', auto: '◉', broken: '⚠', unknown: '◌' };

/** What the button says; its accessible name stays the same, pressed or not. */
function word(state: TrackingState, trans: TranslationBundle): string {
  switch (state) {
    case 'off':
    case 'unknown':
      return trans.__('Track');
    case 'auto':
      return trans.__('Tracked: every cell');
    case 'on':
    case 'broken':
      return trans.__('Tracked');
  }
}

function meaning(state: TrackingState, trans: TranslationBundle): string {
  switch (state) {
    case 'off':
      return trans.__('Not tracked. Click to record each cell that runs; marked cells become runs.');
    case 'unknown':
      return trans.__('Not known whether this notebook is tracked: its kernel has not answered yet.');
    case 'on':
      return trans.__('Tracked: marked cells become runs. Click to stop.');
    case 'auto':
      return trans.__('Tracked: every cell becomes a run. Click to stop.');
    case 'broken':
      return trans.__('Tracked, but one cell could not be recorded. Click to stop.');
  }
}

/** How many cells ran before tracking started, and what that means; empty: none. */
export function untrackedText(count: number, trans: TranslationBundle): string {
  return count === 0
    ? ''
    : trans._n(
        '%1 cell ran before tracking started; what it read is unknown.',
        '%1 cells ran before tracking started; what they read is unknown.',
        count
      );
}

/** The notebook toolbar's toggle "Track this notebook", with a menu of the modes. */
export function TrackToggle(props: {
  state: TrackingState;
  detail: string | null;
  unsupported: string | null;
  /** Cells that ran before tracking started. */
  untracked: number;
  onToggle: () => void;
  /** Open the menu of modes below this element. */
  onMenu: (anchor: HTMLElement) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { state, detail, unsupported, trans } = props;
  const troubled = detail !== null && unsupported === null;
  const pressed = state === 'on' || state === 'auto' || state === 'broken';
  const title =
    unsupported ??
    [meaning(state, trans), untrackedText(props.untracked, trans), detail].filter(Boolean).join('\n');
  return (
    <div className={`bioml-Track bioml-mod-${state}`} role="group" aria-label={trans.__('Tracking')}>
      <button
        type="button"
        className="bioml-TrackButton"
        aria-pressed={pressed}
        aria-label={trans.__('Track this notebook')}
        aria-disabled={unsupported !== null}
        title={printable(title).replace(/⏎/g, '\n')}
        onClick={() => unsupported === null && props.onToggle()}
      >
        <span aria-hidden="true" className="bioml-TrackSign">
          {troubled ? SIGNS.broken : SIGNS[state]}
        </span>
        {word(state, trans)}
      </button>
      <button
        type="button"
        className="bioml-TrackMenu"
        aria-haspopup="menu"
        aria-label={trans.__('What is tracked')}
        title={trans.__('What is tracked: nothing, marked cells, every cell')}
        disabled={unsupported !== null}
        onClick={event => props.onMenu(event.currentTarget)}
      >
        <span aria-hidden="true">▾</span>
      </button>
    </div>
  );
}
