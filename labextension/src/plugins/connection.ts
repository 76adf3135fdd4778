import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Client } from '../api/request';
import { Connection } from '../model/connection';
import { IBioml } from '../tokens';

/** The connection to the server half. */
export const connectionPlugin: JupyterFrontEndPlugin<IBioml> = {
  id: 'jupyter-bioml:connection',
  description: 'The connection to the server half of jupyter-bioml.',
  autoStart: true,
  provides: IBioml,
  activate: (app: JupyterFrontEnd): IBioml => {
    const connection = new Connection(new Client(app.serviceManager.serverSettings));
    void connection.refresh();
    return connection;
  }
};
