import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { badgesPlugin, notebookRunsPlugin } from './plugins/badges';
import { cardPlugin } from './plugins/card';
import { connectionPlugin } from './plugins/connection';
import { experimentCellPlugin } from './plugins/experimentcell';
import { finishedPlugin } from './plugins/finished';
import { identityPlugin } from './plugins/identity';
import { pagesPlugin } from './plugins/pages';
import { projectTrackingPlugin } from './plugins/projecttracking';
import { promotePlugin } from './plugins/promote';
import { registerPlugin } from './plugins/register';
import { reproducePlugin } from './plugins/reproduce';
import { runCommandsPlugin } from './plugins/runcommands';
import { runTabsPlugin } from './plugins/runtabs';
import { liveSectionPlugin } from './plugins/sections/live';
import { modelsSectionPlugin } from './plugins/sections/models';
import { runsSectionPlugin } from './plugins/sections/runs';
import { sidebarPlugin } from './plugins/sidebar';
import { statusBarPlugin } from './plugins/statusbar';
import { tablePlugin } from './plugins/table';
import { trackingPlugin } from './plugins/tracking';
import { versionCommandsPlugin } from './plugins/versioncommands';

/** Every plugin, one concern each; which of them run is the user's choice (JupyterLab's plugin manager). */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  connectionPlugin,
  identityPlugin,
  trackingPlugin,
  projectTrackingPlugin,
  registerPlugin,
  promotePlugin,
  reproducePlugin,
  experimentCellPlugin,
  notebookRunsPlugin,
  badgesPlugin,
  cardPlugin,
  runTabsPlugin,
  pagesPlugin,
  runCommandsPlugin,
  versionCommandsPlugin,
  sidebarPlugin,
  liveSectionPlugin,
  runsSectionPlugin,
  modelsSectionPlugin,
  tablePlugin,
  finishedPlugin,
  statusBarPlugin
];

export default plugins;
