import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { RUN_TABS } from '../components/run/tabs';
import { Registry } from '../model/registry';
import { IRunTabs } from '../tokens';

/** The tabs of a run's page; other plugins may add theirs. */
export const runTabsPlugin: JupyterFrontEndPlugin<IRunTabs> = {
  id: 'jupyter-bioml:run-tabs',
  description: "The tabs of a run's page.",
  autoStart: true,
  provides: IRunTabs,
  activate: (): IRunTabs => new Registry(RUN_TABS)
};
