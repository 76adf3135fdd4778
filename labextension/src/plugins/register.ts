import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator } from '@jupyterlab/translation';
import { brief } from '../model/format';
import { shortName } from '../model/name';
import { RegisterModel } from '../model/register';
import { registerDialog } from '../panels/registerdialog';
import { IBioml, IRegisterForm } from '../tokens';
import { sayError } from './notify';

export const REGISTER = 'bioml:register-run';

/** The form that makes a model version from a run, and its command. */
export const registerPlugin: JupyterFrontEndPlugin<IRegisterForm> = {
  id: 'jupyter-bioml:register',
  description: 'The form that registers the model of a run.',
  autoStart: true,
  provides: IRegisterForm,
  requires: [IBioml, ITranslator],
  activate: (app: JupyterFrontEnd, bioml: IBioml, translator: ITranslator): IRegisterForm => {
    const trans = translator.load('jupyter_bioml');
    const form: IRegisterForm = {
      open: async (id, path) => {
        const model = new RegisterModel(bioml.client, path, id);
        const showModel = (): void => void app.commands.execute(OPEN_MODEL, { ...named(model), path });
        const dialog = registerDialog(
          model,
          trans.__('Register a model'),
          app.commands.hasCommand(OPEN_MODEL) ? showModel : null,
          trans
        );
        void model.load();
        await dialog.launch();
        const pending = model.busy;
        const made = pending ? await pending : model.made;
        if (pending && made) {
          Notification.success(
            trans.__('Registered: %1 version %2', shortName(made.name), brief(made.version, 20))
          );
        } else if (pending && model.error) {
          sayError(model.error, trans);
        }
        if (made) {
          bioml.touch();
        }
        return made && { name: made.name, version: made.version };
      }
    };
    app.commands.addCommand(REGISTER, {
      label: trans.__('Register Model…'),
      caption: trans.__('Make a model version from a run'),
      describedBy: {
        args: {
          type: 'object',
          properties: { id: { type: 'string' }, path: { type: 'string' } },
          required: ['id']
        }
      },
      execute: args =>
        typeof args.id === 'string'
          ? form.open(args.id, typeof args.path === 'string' ? args.path : '')
          : null
    });
    return form;
  }
};

/** Shows a registered model in the sidebar's list. */
const OPEN_MODEL = 'bioml:open-model';

function named(model: RegisterModel): { name: string; version: string } | null {
  return model.made && { name: model.made.name, version: model.made.version };
}
