import type { TranslationBundle } from '@jupyterlab/translation';
import type React from 'react';
import type { RunDetail } from '../../api/wire';
import type { Part } from '../../model/part';
import type { IEntry } from '../../model/registry';
import type { RunModel } from '../../model/run';

/** What a tab is given to show. */
export interface IRunTabProps {
  detail: RunDetail;
  model: RunModel;
  /** Seconds since the epoch. */
  now: number;
  /** Where one of the run's files can be downloaded. */
  urlOf: (file: string) => string;
  onOpenRun: (id: string) => void;
  onOpenCell: () => void;
  /** Show another tab, or read this one's parts again. */
  onTab: (tab: string) => void;
  trans: TranslationBundle;
}

/** One tab of a run's page. */
export interface IRunTab extends IEntry {
  label(trans: TranslationBundle): string;
  /** A small count beside the label; undefined: none. */
  count?(detail: RunDetail): number | undefined;
  /** Whether this run has the tab; without: every run has it. */
  isFor?(detail: RunDetail): boolean;
  /** What has to be read before it can be shown; `model.part` keeps parts that are not the page's own. */
  parts?(model: RunModel): readonly Part<unknown>[];
  render(props: IRunTabProps): React.ReactNode;
}
