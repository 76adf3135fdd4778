import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { badgesPlugin, notebookRunsPlugin } from './plugins/badges';
import { cardPlugin } from './plugins/card';
import { connectionPlugin } from './plugins/connection';
import { experimentCellPlugin } from './plugins/experimentcell';
import { identityPlugin } from './plugins/identity';
import { pagesPlugin } from './plugins/pages';
import { promotePlugin } from './plugins/promote';
import { registerPlugin } from './plugins/register';
import { reproducePlugin } from './plugins/reproduce';
import { sidebarPlugin } from './plugins/sidebar';
import { statusBarPlugin } from './plugins/statusbar';
import { trackingPlugin } from './plugins/tracking';

/** Every plugin, one concern each; which of them run is the user's choice (JupyterLab's plugin manager). */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  connectionPlugin,
  identityPlugin,
  trackingPlugin,
  registerPlugin,
  promotePlugin,
  reproducePlugin,
  experimentCellPlugin,
  notebookRunsPlugin,
  badgesPlugin,
  cardPlugin,
  pagesPlugin,
  sidebarPlugin,
  statusBarPlugin
];

export default plugins;
