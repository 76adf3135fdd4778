import type { TranslationBundle } from '@jupyterlab/translation';
import type React from 'react';
import type { RunDetail } from '../../api/wire';
import type { DrawMarkdown } from '../Markdown';
import type { ICodeActions } from './LoadCode';
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
  /** Open one of the run's files in JupyterLab. */
  onOpenFile: (file: string) => void;
  onOpenRun: (id: string) => void;
  onOpenCell: () => void;
  /** Go to a later cell of the run's notebook. */
  onOpenLater: (cellId: string | null) => void;
  /** Show another tab, or read this one's parts again. */
  onTab: (tab: string) => void;
  /** Edit what is written about the run; absent where nothing can be changed. */
  onEdit?: (what: 'note' | 'tags') => void;
  /** What can be done with code that loads something of the run; absent without notebooks. */
  code?: ICodeActions;
  /** Draws Markdown; null: text is shown as it is. */
  markdown?: DrawMarkdown | null;
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
