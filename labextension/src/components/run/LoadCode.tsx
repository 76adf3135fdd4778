import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import * as runs from '../../api/runs';
import type { LoadCode } from '../../api/wire';
import { shortName } from '../../model/name';
import type { Part } from '../../model/part';
import type { RunModel } from '../../model/run';
import { CopyButton } from '../CopyButton';
import { Name } from '../Figure';
import { Lazy } from '../Notice';

/** What can be done with code: put it into a notebook, or let it be dragged there. */
export interface ICodeActions {
  /** Put it below the active cell of the notebook that was last in front; null: there is none. */
  insert: ((code: string) => void) | null;
  /** Begin to drag it as a cell. */
  drag: (code: string, name: string, x: number, y: number) => void;
}

/** Pixels that the pointer goes before a press is a drag. */
const DRAGGED = 5;

/** What loads the run's model, predictions and data; read with the page. */
export function codePart(model: RunModel): Part<readonly LoadCode[]> {
  return model.part('code', () => runs.loadCode(model.client, model.path, model.id));
}

/** Code that loads what the run made and read, each by a button or by drag. */
export function LoadCodes(props: {
  model: RunModel;
  actions: ICodeActions;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { model, actions, trans } = props;
  const part = codePart(model);
  if (part.value?.length === 0) {
    return null;
  }
  return (
    <section>
      <h2>{trans.__('Load in a notebook')}</h2>
      <Lazy part={part} onRetry={() => void part.load()} trans={trans}>
        {codes => (
          <ul className="bioml-Plain">
            {codes.map((one, index) => (
              <Entry key={index} one={one} actions={actions} trans={trans} />
            ))}
          </ul>
        )}
      </Lazy>
    </section>
  );
}

function Entry(props: {
  one: LoadCode;
  actions: ICodeActions;
  trans: TranslationBundle;
}): React.ReactElement {
  const { one, actions, trans } = props;
  const { insert } = actions;
  const what = `${kindWord(one.kind, trans)} ${shortName(one.name, 60)}`;
  const code =
    one.kind === 'model'
      ? `# ${trans.__('Loading a model runs code written by its author.')}\n${one.code}`
      : one.code;
  const onPointerDown = useDrag((x, y) => actions.drag(code, what, x, y));
  return (
    <li className="bioml-LoadCode">
      <span
        className="bioml-LoadCode-what"
        title={`${trans.__('Drag it into a notebook')}\n\n${code}`}
        onPointerDown={onPointerDown}
      >
        <span aria-hidden="true">⠿ </span>
        {kindWord(one.kind, trans)} <Name text={one.name} />
      </span>
      <button
        type="button"
        className="bioml-Button"
        disabled={insert === null}
        aria-label={trans.__('Insert code that loads: %1', what)}
        title={
          insert === null ? trans.__('Open a notebook first') : trans.__('Insert a cell below the active one')
        }
        onClick={() => insert?.(code)}
      >
        {trans.__('Insert code')}
      </button>
      <CopyButton text={code} label={trans.__('Copy code that loads: %1', what)} trans={trans} />
    </li>
  );
}

function kindWord(kind: LoadCode['kind'], trans: TranslationBundle): string {
  switch (kind) {
    case 'model':
      return trans.__('Model');
    case 'predictions':
      return trans.__('Predictions');
    case 'data':
      return trans.__('Data');
  }
}

/** Begins a drag once the pressed pointer has moved. */
function useDrag(begin: (x: number, y: number) => void): (event: React.PointerEvent) => void {
  return event => {
    if (event.button !== 0) {
      return;
    }
    event.preventDefault();
    const { clientX, clientY } = event;
    const stop = (): void => {
      document.removeEventListener('pointermove', move);
      document.removeEventListener('pointerup', stop);
    };
    const move = (moved: PointerEvent): void => {
      if (Math.abs(moved.clientX - clientX) + Math.abs(moved.clientY - clientY) > DRAGGED) {
        stop();
        begin(moved.clientX, moved.clientY);
      }
    };
    document.addEventListener('pointermove', move);
    document.addEventListener('pointerup', stop);
  };
}
