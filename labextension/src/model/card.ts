import type { TranslationBundle } from '@jupyterlab/translation';
import type { RecordDataUse, RecordReading, RecordScore, RunDetail } from '../api/wire';
import {
  brief,
  formatBytes,
  formatChange,
  formatDuration,
  formatExact,
  formatNumber,
  formatPercent,
  formatPrinted,
  printable,
  shortId
} from './format';
import { own } from './own';
import { plainNumber, plainValue } from './record';
import { byImportance, decimalsOf, originText, scoresOf } from './score';

/** One figure of the card: what is shown, and in full with where it comes from. */
export interface ICardFigure {
  key: string;
  text: string;
  full: string;
  /** Against the previous run of the name; null without one. */
  change: string | null;
  /** It is only known as it was printed. */
  printed: boolean;
}

/** What a run's card says beside its state, in the words of the card that the kernel sends. */
export interface ICardView {
  metrics: ICardFigure[];
  params: ICardFigure[];
  /** How many more there are. */
  moreMetrics: number;
  /** How many other values there are, where there is no metric. */
  values: number;
  moreParams: number;
  data: string[];
  before: string;
  /** What ran before tracking started, and that its reads are unknown; null: all that the run uses was tracked. */
  untracked: string | null;
  /** That the front end did not say which notebook or cell it is; null: both are known. */
  unknown: string | null;
  /** The run that the cell is a part of. */
  joined: string | null;
  resources: string[];
}

const SHOWN = 4;
const SHOWN_DATA = 2;
/** Characters of a parameter's value, and of a file's name. */
const TEXT = 24;
const NAME = 60;
/** Characters of what is unknown. */
const REASON = 300;

/** The card's figures, the most important first. */
export function cardView(detail: RunDetail, trans: TranslationBundle): ICardView {
  const [metrics, scores] = [keyMetrics(detail), scoresOf(detail)];
  const params = Object.entries(detail.record.params ?? {});
  return {
    metrics: metrics
      .slice(0, SHOWN)
      .map(([key, value]) => metric(key, value, scores.get(key), detail.previous?.metrics, trans)),
    moreMetrics: Math.max(0, metrics.length - SHOWN),
    values: metrics.length ? 0 : Object.keys(detail.record.values ?? {}).length,
    params: params.slice(0, SHOWN).map(([key, value]) => param(key, value)),
    moreParams: Math.max(0, params.length - SHOWN),
    data: dataTexts(detail, trans),
    before: beforeText((detail.record.before ?? []).length || detail.code_before.length, trans),
    untracked: untrackedText(detail),
    unknown: unknownText(detail, trans),
    joined: joinedText(detail, trans),
    resources: resourceTexts(detail, trans)
  };
}

/** Those named by `--metrics`, else all that are compared by their importance, else timings; each one's last value. */
function keyMetrics(detail: RunDetail): (readonly [string, number])[] {
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
  return byImportance(compared.length ? compared : all, scoresOf(detail));
}

function metric(
  key: string,
  value: number,
  score: RecordScore | undefined,
  previous: Readonly<Record<string, number>> | undefined,
  trans: TranslationBundle
): ICardFigure {
  const [before, decimals] = [own(previous, key), decimalsOf(score)];
  const from = originText(score, trans);
  return {
    key: brief(key, NAME),
    text: formatPrinted(value, decimals),
    full: `${printable(key)} = ${value}${from && ` · ${from}`}`,
    change: before === undefined ? null : formatChange(value, before, decimals),
    printed: decimals !== null
  };
}

function param(key: string, value: unknown): ICardFigure {
  const plain = plainValue(value) ?? 'None';
  const shown = printable(formatNumber(plain));
  const text = shown.length > TEXT ? `${shown.slice(0, TEXT - 1)}…` : shown;
  const full = `${printable(key)} = ${printable(formatExact(plain))}`;
  return { key: printable(key), text, full, change: null, printed: false };
}

/** What the cell read itself comes first; what earlier cells read is named only where it read nothing. */
function dataTexts(detail: RunDetail, trans: TranslationBundle): string[] {
  const uses = detail.record.data ?? [];
  const own = uses.filter(use => use.role !== 'written' && !use.inherited);
  const shown = own.length ? own : uses.filter(use => use.inherited);
  if (shown.length === 0) {
    const seen = seenText(detail, trans);
    if (seen !== null || untrackedText(detail) !== null) {
      return seen === null ? [] : [seen];
    }
    const unknown = detail.record.gaps?.some(gap => gap.part === 'data');
    return [unknown ? trans.__('data not known') : trans.__('no data read')];
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
  const seen = seenText(detail, trans);
  return seen === null ? texts : [...texts, seen];
}

/** What earlier, untracked cells read, once a reproduction has seen it; null: none has, or they read nothing. */
function seenText(detail: RunDetail, trans: TranslationBundle): string | null {
  if (untrackedText(detail) !== null) {
    return null;
  }
  const verdict = detail.record.reports?.find(report => report.kind === 'verdict');
  const found = verdict?.summary?.before_tracking as { reads?: readonly RecordDataUse[] } | undefined;
  const reads = found?.reads ?? [];
  if (reads.length === 0) {
    return null;
  }
  const names = reads.slice(0, SHOWN_DATA).map(use => brief(use.name.split('/').pop() ?? use.name, NAME));
  const more =
    reads.length > SHOWN_DATA ? ` ${trans.__('+ %1 more', String(reads.length - SHOWN_DATA))}` : '';
  return trans.__('read before tracking (seen by its reproduction): %1', names.join(', ') + more);
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

/** The part that the gap of earlier, untracked cells names. */
const BEFORE_TRACKING = 'before tracking';

/** In the words of the kernel's own card. */
function untrackedText(detail: RunDetail): string | null {
  const reasons = (detail.record.gaps ?? [])
    .filter(gap => gap.part === BEFORE_TRACKING)
    .map(gap => gap.reason);
  return reasons.length ? brief(reasons.join('; '), REASON) : null;
}

function unknownText(detail: RunDetail, trans: TranslationBundle): string | null {
  const { code, mark } = detail.record;
  if (!['magic', 'tag', 'auto'].includes(mark)) {
    return null;
  }
  const [noNotebook, noCell] = [code.notebook ?? null, code.cell_id ?? null].map(value => value === null);
  if (noNotebook && noCell) {
    return trans.__('notebook and cell unknown');
  }
  return noNotebook ? trans.__('notebook unknown') : noCell ? trans.__('cell unknown') : null;
}

function joinedText(detail: RunDetail, trans: TranslationBundle): string | null {
  const { joined } = detail;
  if (joined === null) {
    return null;
  }
  const id = shortId(joined.record_id);
  return joined.name === null
    ? trans.__('This cell is part of the run %1', id)
    : trans.__('This cell is part of the run “%1” (%2)', brief(joined.name, NAME), id);
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
