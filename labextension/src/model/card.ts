import type { TranslationBundle } from '@jupyterlab/translation';
import type { RecordDataUse, RecordReading, RunDetail } from '../api/wire';
import {
  formatBytes,
  formatChange,
  formatDuration,
  formatExact,
  formatNumber,
  formatPercent,
  printable,
  shortId
} from './format';
import { plainNumber, plainValue } from './record';

/** One figure of the card: what is shown, and in full. */
export interface ICardFigure {
  key: string;
  text: string;
  full: string;
  /** Against the previous run of the name; null without one. */
  change: string | null;
}

/** What a run's card says beside its state, in the words of the card that the kernel sends. */
export interface ICardView {
  metrics: ICardFigure[];
  params: ICardFigure[];
  /** How many more there are. */
  moreMetrics: number;
  moreParams: number;
  data: string[];
  before: string;
  resources: string[];
}

const SHOWN = 4;
const SHOWN_DATA = 2;
/** Characters of a parameter's value, and of a file's name. */
const TEXT = 24;
const NAME = 60;

/** The card's figures, the most important first. */
export function cardView(detail: RunDetail, trans: TranslationBundle): ICardView {
  const metrics = keyMetrics(detail);
  const params = Object.entries(detail.record.params ?? {});
  return {
    metrics: metrics.slice(0, SHOWN).map(([key, value]) => metric(key, value, detail.previous?.metrics)),
    moreMetrics: Math.max(0, metrics.length - SHOWN),
    params: params.slice(0, SHOWN).map(([key, value]) => param(key, value)),
    moreParams: Math.max(0, params.length - SHOWN),
    data: dataTexts(detail, trans),
    before: beforeText((detail.record.before ?? []).length || detail.code_before.length, trans),
    resources: resourceTexts(detail, trans)
  };
}

/** Those named by `--metrics`, else all that are compared, else timings; each one's last value. */
function keyMetrics(detail: RunDetail): [string, number][] {
  const latest = new Map<string, number>(Object.entries(detail.row.metrics));
  for (const one of detail.record.metrics ?? []) {
    const value = plainNumber(one.value);
    if (value !== null && !one.key.startsWith('system/')) {
      latest.set(one.key, value);
    }
  }
  const named = detail.record.compared;
  if (named) {
    return named.flatMap(key => {
      const value = latest.get(key);
      return value === undefined ? [] : [[key, value] as [string, number]];
    });
  }
  const all = [...latest];
  const compared = all.filter(([key]) => !key.startsWith('timing.'));
  return compared.length ? compared : all;
}

function metric(key: string, value: number, previous: Record<string, number> | undefined): ICardFigure {
  const before = previous?.[key];
  return {
    key: printable(key),
    text: formatNumber(value),
    full: String(value),
    change: before === undefined ? null : formatChange(value, before)
  };
}

function param(key: string, value: unknown): ICardFigure {
  const plain = plainValue(value) ?? 'None';
  const shown = printable(formatNumber(plain));
  const text = shown.length > TEXT ? `${shown.slice(0, TEXT - 1)}…` : shown;
  return { key: printable(key), text, full: printable(formatExact(plain)), change: null };
}

/** What the cell read itself comes first; what earlier cells read is named only where it read nothing. */
function dataTexts(detail: RunDetail, trans: TranslationBundle): string[] {
  const uses = detail.record.data ?? [];
  const own = uses.filter(use => use.role !== 'written' && !use.inherited);
  const shown = own.length ? own : uses.filter(use => use.inherited);
  if (shown.length === 0) {
    return [trans.__('no data read')];
  }
  const names = shown.slice(0, SHOWN_DATA).map(use => dataText(use, detail.row.published, trans));
  const texts = [own.length ? names.join(', ') : trans.__('data of earlier cells: %1', names.join(', '))];
  if (shown.length > SHOWN_DATA) {
    texts.push(trans.__('+ %1 more', String(shown.length - SHOWN_DATA)));
  }
  if (detail.row.data_changed !== null) {
    texts.push(
      detail.row.data_changed ? trans.__('data changed since the previous run') : trans.__('unchanged')
    );
  }
  return texts;
}

function dataText(use: RecordDataUse, published: boolean, trans: TranslationBundle): string {
  const name = printable(use.kind === 'value' ? use.name : (use.name.split('/').pop() ?? use.name));
  const short = name.length > NAME ? `${name.slice(0, NAME - 1)}…` : name;
  // data is hashed when the run is published, and that of an earlier cell with that cell
  const waits = !published && !use.inherited ? trans.__('%1 (not hashed yet)', short) : short;
  const text = use.digest ? `${short} ${shortId(use.digest, 4)}` : waits;
  if (use.changed_since) {
    return trans.__('%1 (changed since it was read)', text);
  }
  const inCell = use.digest_after && use.digest_after !== use.digest;
  return inCell ? trans.__('%1 (changed in the cell)', text) : text;
}

function beforeText(count: number, trans: TranslationBundle): string {
  return count ? trans._n('after %1 cell', 'after %1 cells', count) : trans.__('first cell');
}

function resourceTexts(detail: RunDetail, trans: TranslationBundle): string[] {
  const used = detail.record.resources ?? {};
  const readings = used.readings ?? [];
  const percents = readings.flatMap(reading => known(reading.cpu_percent));
  const seconds = plainNumber(used.cpu_seconds);
  const texts: string[] = [];
  if (percents.length) {
    texts.push(`CPU ${formatPercent(mean(percents))}`);
  } else if (seconds !== null) {
    texts.push(`CPU ${formatDuration(seconds)}`);
  }
  if (used.peak_rss !== null && used.peak_rss !== undefined) {
    const peak = trans.__('%1 peak', formatBytes(used.peak_rss));
    texts.push(used.peak_source === 'sampled' ? trans.__('%1 (sampled)', peak) : peak);
  }
  const gpus = new Set(readings.flatMap(reading => (reading.gpus ?? []).map(gpu => gpu.index)));
  [...gpus].filter(isNumber).forEach(index => texts.push(gpuText(index, readings, trans)));
  return texts.length ? texts : [trans.__('no resource figures')];
}

/** Of one GPU: mean utilisation, most memory, energy; what is known. */
function gpuText(index: number, readings: readonly RecordReading[], trans: TranslationBundle): string {
  const seen = readings.flatMap(reading => (reading.gpus ?? []).filter(gpu => gpu.index === index));
  const values = (key: string): number[] => seen.map(gpu => gpu[key]).filter(isNumber);
  const [busy, own, device, energy] = [
    values('utilization_percent'),
    values('own_memory'),
    values('memory_used'),
    values('energy_millijoules')
  ];
  const parts = busy.length ? [formatPercent(mean(busy))] : [];
  if (own.length) {
    parts.push(formatBytes(Math.max(...own)));
  } else if (device.length) {
    parts.push(trans.__('%1 (whole device)', formatBytes(Math.max(...device))));
  }
  if (energy.length > 1) {
    parts.push(`${formatNumber((energy[energy.length - 1] - energy[0]) / 3.6e6)} Wh`);
  }
  return `GPU${index} ${parts.join(', ')}`.trim();
}

function known(value: RecordReading['cpu_percent']): number[] {
  const figure = plainNumber(value);
  return figure === null ? [] : [figure];
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
