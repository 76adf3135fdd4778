import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { chartFileName, type IChartExtras, pngOf, svgText } from '../../model/chartfile';
import { lineStyle } from './frame';

/** Saves the chart that stands in the same place, as it is drawn now. */
export function SaveChart(props: {
  /** Holds the chart. */
  place: React.RefObject<HTMLElement>;
  title: string;
  /** What its lines or points stand for, where there are several. */
  legend?: readonly { label: string; style: number }[];
  /** What the file has beyond that, asked when it is saved. */
  extras?: () => IChartExtras;
  trans: TranslationBundle;
}): React.ReactElement {
  const { place, title, trans } = props;
  const legend = (props.legend ?? []).map(({ label, style }) => {
    const { stroke, strokeDasharray } = lineStyle(style);
    return { label, stroke, dashes: strokeDasharray };
  });
  const [error, setError] = React.useState('');
  const save = async (suffix: 'svg' | 'png'): Promise<void> => {
    const chart = place.current?.querySelector<SVGSVGElement>('svg');
    if (!chart) {
      return;
    }
    try {
      const extras = { title, legend, ...props.extras?.() };
      const blob =
        suffix === 'png'
          ? await pngOf(chart, extras)
          : new Blob([svgText(chart, extras)], { type: 'image/svg+xml' });
      saveBlob(blob, chartFileName(title, suffix));
      setError('');
    } catch {
      setError(trans.__('The chart could not be saved as %1.', suffix.toUpperCase()));
    }
  };
  return (
    <span className="bioml-SaveChart">
      {(['svg', 'png'] as const).map(suffix => (
        <button
          key={suffix}
          type="button"
          className="bioml-LinkButton"
          aria-label={trans.__('Save %1 as %2', title, suffix.toUpperCase())}
          title={trans.__('Save the chart as %1', suffix.toUpperCase())}
          onClick={() => void save(suffix)}
        >
          {suffix.toUpperCase()}
        </button>
      ))}
      {error !== '' && (
        <span className="bioml-error" role="alert">
          {error}
        </span>
      )}
    </span>
  );
}

function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
