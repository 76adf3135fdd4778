import { type ISpot, meanLines, SHADES } from '../../model/table/tablechart';
import { lineStyle } from '../charts/frame';

/** Half the size of a spot, in pixels: smaller where there are very many. */
function sizeOf(count: number): number {
  return count > 3000 ? 2.5 : count > 500 ? 3.5 : 5;
}

/** The colours of the theme as a canvas takes them. @param isShaded - numbers have shades, kinds have colours. */
export function coloursIn(place: HTMLElement, isShaded: boolean): string[] {
  const probe = document.createElement('i');
  place.append(probe);
  const resolved = (colour: string): string => {
    probe.style.color = colour;
    return getComputedStyle(probe).color;
  };
  const shade = (at: number): string =>
    `color-mix(in srgb, var(--jp-warn-color1) ${Math.round((100 * at) / (SHADES - 1))}%, var(--jp-brand-color1))`;
  const found = Array.from({ length: isShaded ? SHADES : 6 }, (_, at) =>
    resolved(isShaded ? shade(at) : lineStyle(at).stroke)
  );
  const all = [
    ...found,
    resolved('var(--jp-ui-font-color0)'),
    resolved('var(--jp-ui-font-color3)'),
    resolved('var(--jp-layout-color1)')
  ];
  probe.remove();
  return all;
}

/**
 * Draw the runs of a chart.
 *
 * @param colours - of kinds or shades; the last three are of what is marked, of what has no kind, and of the ground.
 * @param marked - place of the spot that the pointer or the keyboard is on; -1: none.
 * @param scale - pixels of the canvas for each of the page's.
 */
export function paint(
  canvas: HTMLCanvasElement,
  size: readonly [number, number],
  spots: readonly ISpot[],
  colours: readonly string[],
  style: { isShaded: boolean; isLine: boolean; marked: number },
  scale = window.devicePixelRatio || 1
): void {
  canvas.width = size[0] * scale;
  canvas.height = size[1] * scale;
  const context = canvas.getContext('2d');
  if (context === null) {
    return;
  }
  context.scale(scale, scale);
  const [mark, none, ground] = colours.slice(-3);
  const colourOf = (kind: number): string => (kind < 0 ? none : colours[kind]);
  const half = sizeOf(spots.length);
  context.globalAlpha = spots.length > 500 ? 0.6 : 0.9;
  for (const spot of spots) {
    context.fillStyle = colourOf(spot.kind);
    shape(context, spot.x, spot.y, half, style.isShaded ? 0 : spot.kind);
  }
  context.globalAlpha = 1;
  if (style.isLine) {
    for (const [kind, points] of style.isShaded
      ? meanLines(spots.map(one => ({ ...one, kind: 0 })))
      : meanLines(spots)) {
      context.beginPath();
      points.forEach(([x, y]) => context.lineTo(x, y));
      // a rim in the colour of the ground, so that the line stands out from its own spots
      context.setLineDash([]);
      context.strokeStyle = ground;
      context.lineWidth = 6;
      context.stroke();
      context.lineWidth = 2.5;
      context.strokeStyle = style.isShaded ? mark : colourOf(kind);
      context.setLineDash(dashes(kind));
      context.stroke();
    }
    context.setLineDash([]);
  }
  const spot = spots[style.marked];
  if (spot) {
    context.strokeStyle = mark;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(spot.x, spot.y, half + 4, 0, 2 * Math.PI);
    context.stroke();
  }
}

function dashes(kind: number): number[] {
  return (lineStyle(Math.max(0, kind)).strokeDasharray ?? '').split(' ').filter(Boolean).map(Number);
}

/** Each kind has a shape of its own: colour alone tells nobody apart. */
function shape(context: CanvasRenderingContext2D, x: number, y: number, half: number, kind: number): void {
  const path = shapes[Math.max(0, kind) % shapes.length](half);
  context.beginPath();
  if (path === null) {
    context.arc(x, y, half, 0, 2 * Math.PI);
  } else {
    path.forEach(([dx, dy]) => context.lineTo(x + dx, y + dy));
  }
  context.fill();
}

/** Corners around the middle; null: a disc. */
export const shapes: readonly ((half: number) => [number, number][] | null)[] = [
  () => null,
  h => [
    [-h, -h],
    [h, -h],
    [h, h],
    [-h, h]
  ],
  h => [
    [0, -h * 1.2],
    [h * 1.1, h],
    [-h * 1.1, h]
  ],
  h => [
    [0, -h * 1.3],
    [h * 1.3, 0],
    [0, h * 1.3],
    [-h * 1.3, 0]
  ],
  h => [
    [-h * 1.1, -h],
    [h * 1.1, -h],
    [0, h * 1.2]
  ],
  h => [
    [-h / 2.5, -h * 1.2],
    [h / 2.5, -h * 1.2],
    [h / 2.5, h * 1.2],
    [-h / 2.5, h * 1.2]
  ]
];
