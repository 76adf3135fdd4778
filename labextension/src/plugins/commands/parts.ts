import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IBioml, IRegisterForm, IReproductions, IRunPages } from '../../tokens';

/** What the commands on selected runs are made of; null: that part of the front end is switched off. */
export interface IRunCommandParts {
  app: JupyterFrontEnd;
  bioml: IBioml;
  pages: IRunPages | null;
  form: IRegisterForm | null;
  reproductions: IReproductions | null;
  trans: TranslationBundle;
}
