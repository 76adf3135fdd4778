import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { connectionPlugin } from './plugins/connection';
import { identityPlugin } from './plugins/identity';
import { registerPlugin } from './plugins/register';
import { trackingPlugin } from './plugins/tracking';

/** Every plugin, one concern each; which of them run is the user's choice (JupyterLab's plugin manager). */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  connectionPlugin,
  identityPlugin,
  trackingPlugin,
  registerPlugin
];

export default plugins;
