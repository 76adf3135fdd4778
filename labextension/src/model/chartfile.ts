/** Properties of a drawn element that a picture of it needs; their values come from the theme's style sheets. */
const DRAWN = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-opacity',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
  'display',
  'visibility'
];
/** Pixels of a PNG for each of the screen's: prints stay sharp. */
const SHARPNESS = 2;

/** What a line or point of a chart stands for. */
export interface ILegendEntry {
  label: string;
  stroke: string;
  dashes?: string;
  /** Corners around the middle of what is drawn for a point; null: a disc. Absent: a line stands for it. */
  mark?: readonly (readonly [number, number])[] | null;
}

/** What a file of a chart has beside the chart. */
export interface IChartExtras {
  /** What the chart shows, written below it. */
  title?: string;
  legend?: readonly ILegendEntry[];
  /** A picture that lies over the axes, as a `data:` address. */
  picture?: string;
}

/** Pixels of a line of the legend. */
const ENTRY = 18;

/** A drawn chart as a file of its own: the same colours and letters, on its page's background, title and legend below. */
export function svgText(chart: SVGSVGElement, extras: IChartExtras = {}): string {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  const drawn = [chart, ...chart.querySelectorAll<SVGElement>('*')];
  [copy, ...copy.querySelectorAll<SVGElement>('*')].forEach((element, index) => {
    const style = getComputedStyle(drawn[index]);
    DRAWN.forEach(name => {
      const value = style.getPropertyValue(name);
      if (value !== '') {
        element.style.setProperty(name, value);
      }
    });
    ['class', 'tabindex', 'role'].forEach(name => element.removeAttribute(name));
  });
  const lines = linesOf(extras);
  const { width, height, own } = sizeOf(chart, lines);
  copy.setAttribute('xmlns', SVG);
  copy.setAttribute('height', `${height}`);
  copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const ground = made('rect', { width, height, fill: groundOf(chart) });
  copy.insertBefore(ground, copy.firstChild);
  if (extras.picture !== undefined) {
    copy.append(made('image', { x: 0, y: 0, width, height: own, href: extras.picture }));
  }
  const style = getComputedStyle(chart);
  lines.forEach((line, index) => {
    const y = own + ENTRY * (index + 0.5);
    if (line.stroke !== null) {
      copy.append(sampleOf(line, line.stroke, y, chart));
    }
    const x = line.stroke === null ? 8 : 40;
    const text = made('text', { x, y: y + 4, fill: style.color, 'font-size': 12 });
    text.style.setProperty('font-family', style.fontFamily);
    text.textContent = line.label;
    copy.append(text);
  });
  return new XMLSerializer().serializeToString(copy);
}

/** A line below the chart; without a stroke it is text alone. */
type Line = Omit<ILegendEntry, 'stroke'> & { stroke: string | null };

function linesOf({ title, legend }: IChartExtras): Line[] {
  return [...(title === undefined ? [] : [{ label: title, stroke: null }]), ...(legend ?? [])];
}

/** The line or point that an entry of the legend stands for. */
function sampleOf({ dashes, mark }: Line, stroke: string, y: number, chart: Element): SVGElement {
  const colour = stroke.startsWith('var(') ? resolved(stroke, chart) : stroke;
  if (mark === undefined) {
    const line = made('line', { x1: 8, x2: 34, y1: y, y2: y, 'stroke-width': 2 });
    line.style.setProperty('stroke', colour);
    line.setAttribute('stroke-dasharray', dashes ?? '');
    return line;
  }
  const points = (mark ?? []).map(([dx, dy]) => `${21 + dx},${y + dy}`).join(' ');
  return mark === null
    ? made('circle', { cx: 21, cy: y, r: 5, fill: colour })
    : made('polygon', { points, fill: colour });
}

/** The same as pixels. Rejects where the browser cannot draw it. */
export async function pngOf(chart: SVGSVGElement, extras: IChartExtras = {}): Promise<Blob> {
  const { width, height } = sizeOf(chart, linesOf(extras));
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(chart, extras))}`;
  await picture.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width * SHARPNESS, height * SHARPNESS];
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error('The chart could not be drawn.'))))
  );
}

/** A name that every file system takes. */
export function chartFileName(title: string, suffix: 'svg' | 'png'): string {
  const clean = title
    .replace(/[^\p{L}\p{N}._ -]+/gu, ' ')
    .trim()
    .replace(/\s+/g, '-')
    .slice(0, 80);
  return `${clean || 'chart'}.${suffix}`;
}

/** The size of the file, and the height of the chart itself. */
function sizeOf(
  chart: SVGSVGElement,
  lines: readonly Line[]
): { width: number; height: number; own: number } {
  const own = Number(chart.getAttribute('height')) || 320;
  return { width: Number(chart.getAttribute('width')) || 640, height: own + ENTRY * lines.length, own };
}

const SVG = 'http://www.w3.org/2000/svg';

function made(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, `${value}`));
  return element;
}

/** What a variable of the theme is where the chart stands. */
function resolved(colour: string, chart: Element): string {
  const probe = document.createElement('i');
  probe.style.color = colour;
  chart.parentElement?.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found || 'black';
}

/** The first background behind it that can be seen. */
function groundOf(chart: Element): string {
  for (let at: Element | null = chart; at !== null; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (colour !== '' && colour !== 'transparent' && !/^rgba\(.*, 0\)$/.test(colour)) {
      return colour;
    }
  }
  return 'white';
}
