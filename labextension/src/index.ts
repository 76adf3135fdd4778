import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { connectionPlugin } from './plugins/connection';
import { identityPlugin } from './plugins/identity';

/** Every plugin, one concern each; which of them run is the user's choice (JupyterLab's plugin manager). */
const plugins: JupyterFrontEndPlugin<unknown>[] = [connectionPlugin, identityPlugin];

export default plugins;
