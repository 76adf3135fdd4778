import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Figures, RunFigures } from '../../model/table/figures';

/** The figures of a run, read when they are first asked for. */
export function useFigures(figures: Figures, id: string): RunFigures | null | undefined {
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  const found = figures.of(id);
  React.useEffect(() => {
    figures.changed.connect(redraw);
    return () => void figures.changed.disconnect(redraw);
  }, [figures]);
  return found;
}

/** One figure of a run, small. @param place - which, from 0. */
export function Thumb(props: {
  figures: Figures;
  id: string;
  place: number;
  name: string;
  trans: TranslationBundle;
}): React.ReactElement {
  const { name, place, trans } = props;
  const found = useFigures(props.figures, props.id);
  if (found === undefined) {
    return <span className="bioml-Thumb-none">{trans.__('…')}</span>;
  }
  if (found === null) {
    return <span className="bioml-Thumb-none">{trans.__('not read')}</span>;
  }
  if (found[place] === undefined) {
    return (
      <span className="bioml-Thumb-none">{found.length === 0 ? trans.__('none') : trans.__('no such')}</span>
    );
  }
  const alt = trans.__('Figure %1 of %2', place + 1, name);
  return <img className="bioml-Thumb" src={found[place]} alt={alt} draggable={false} />;
}
