import type { ScaleLinear } from 'd3-scale';
import React from 'react';
import type { Range } from '../../model/lines';
import { MARGIN } from './frame';

/** Shorter than this many pixels is a click, not a range. */
const SHORTEST = 5;

interface IBrush {
  /** The range being drawn, in pixels; null while none is. */
  range: Range | null;
  handlers: Pick<
    React.HTMLAttributes<HTMLElement>,
    'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPointerLeave' | 'onPointerCancel'
  >;
}

/** Drawing a range zooms into it; moving the pointer reads values. */
export function useBrush(options: {
  place: React.RefObject<HTMLElement>;
  scale: ScaleLinear<number, number>;
  onZoom: (zoom: Range | null) => void;
  onCursor: (x: number | null) => void;
}): IBrush {
  const { place, scale, onZoom, onCursor } = options;
  const [range, setRange] = React.useState<Range | null>(null);
  const at = (event: React.PointerEvent): number => {
    const left = place.current?.getBoundingClientRect().left ?? 0;
    const [low, high] = scale.range();
    return Math.min(high, Math.max(low, event.clientX - left));
  };
  return {
    range,
    handlers: {
      onPointerDown: event => {
        if (
          event.button === 0 &&
          event.clientX - (place.current?.getBoundingClientRect().left ?? 0) >= MARGIN.left
        ) {
          setRange([at(event), at(event)]);
          place.current?.setPointerCapture?.(event.pointerId);
        }
      },
      onPointerMove: event => {
        onCursor(scale.invert(at(event)));
        setRange(range === null ? null : [range[0], at(event)]);
      },
      onPointerUp: event => {
        if (range !== null && Math.abs(at(event) - range[0]) >= SHORTEST) {
          const ends = [scale.invert(range[0]), scale.invert(at(event))];
          onZoom([Math.min(...ends), Math.max(...ends)]);
        }
        setRange(null);
      },
      onPointerCancel: () => setRange(null),
      onPointerLeave: () => (range === null ? onCursor(null) : undefined)
    }
  };
}
