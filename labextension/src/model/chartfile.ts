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
}

/** Pixels of a line of the legend. */
const ENTRY = 18;

/** A drawn chart as a file of its own: the same colours and letters, on its page's background, its legend below it. */
export function svgText(chart: SVGSVGElement, legend: readonly ILegendEntry[] = []): string {
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
  const { width, height } = sizeOf(chart, legend);
  copy.setAttribute('xmlns', SVG);
  copy.setAttribute('height', `${height}`);
  copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const ground = made('rect', { width, height, fill: groundOf(chart) });
  copy.insertBefore(ground, copy.firstChild);
  const style = getComputedStyle(chart);
  legend.forEach(({ label, stroke, dashes }, index) => {
    const y = height - ENTRY * (legend.length - index) + ENTRY / 2;
    const line = made('line', { x1: 8, x2: 34, y1: y, y2: y, 'stroke-width': 2 });
    line.style.setProperty('stroke', stroke.startsWith('var(') ? resolved(stroke, chart) : stroke);
    line.setAttribute('stroke-dasharray', dashes ?? '');
    const text = made('text', { x: 40, y: y + 4, fill: style.color, 'font-size': 12 });
    text.style.setProperty('font-family', style.fontFamily);
    text.textContent = label;
    copy.append(line, text);
  });
  return new XMLSerializer().serializeToString(copy);
}

/** The same as pixels. Rejects where the browser cannot draw it. */
export async function pngOf(chart: SVGSVGElement, legend: readonly ILegendEntry[] = []): Promise<Blob> {
  const { width, height } = sizeOf(chart, legend);
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(chart, legend))}`;
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

function sizeOf(chart: SVGSVGElement, legend: readonly ILegendEntry[]): { width: number; height: number } {
  return {
    width: Number(chart.getAttribute('width')) || 640,
    height: (Number(chart.getAttribute('height')) || 320) + ENTRY * legend.length
  };
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
