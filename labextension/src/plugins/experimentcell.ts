import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { isCodeCellModel, type ICellModel } from '@jupyterlab/cells';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator } from '@jupyterlab/translation';
import { experimentsIcon } from '../icons';
import { isExperiment, toggleExperiment } from '../model/experimentcell';

export const TOGGLE_EXPERIMENT = 'bioml:toggle-experiment';

/** The command that makes the selected cells experiments, in the cell toolbar, the palette and the context menu. */
export const experimentCellPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-bioml:experiment-cell',
  description: 'Makes the selected cells experiments by their tag.',
  autoStart: true,
  requires: [INotebookTracker, ITranslator],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    translator: ITranslator,
    palette: ICommandPalette | null
  ): void => {
    const trans = translator.load('jupyter_bioml');
    const selected = (): ICellModel[] => selectedCode(notebooks);
    app.commands.addCommand(TOGGLE_EXPERIMENT, {
      label: args => {
        if (args.toolbar) {
          return '';
        }
        return args.whole ? trans.__('Make Selected Cells Experiments') : trans.__('Experiment Cell');
      },
      caption: () =>
        selected().every(isExperiment)
          ? trans.__(
              'This cell is an experiment: each of its runs goes to MLflow. Click to make it a plain cell'
            )
          : trans.__('Make the selected cells experiments: each of their runs goes to MLflow'),
      icon: args => (args.toolbar ? experimentsIcon : undefined),
      describedBy: {
        args: { type: 'object', properties: { toolbar: { type: 'boolean' }, whole: { type: 'boolean' } } }
      },
      isEnabled: () => selected().length > 0 && notebooks.currentWidget?.model?.readOnly === false,
      isVisible: () => selected().length > 0,
      isToggleable: true,
      isToggled: () => selected().length > 0 && selected().every(isExperiment),
      execute: () => {
        toggleExperiment(selected());
        app.commands.notifyCommandChanged(TOGGLE_EXPERIMENT);
      }
    });
    palette?.addItem({
      command: TOGGLE_EXPERIMENT,
      category: trans.__('Experiments'),
      args: { whole: true }
    });
    followActiveCell(app, notebooks);
  }
};

/** The models of the selected code cells of the current notebook. */
function selectedCode(notebooks: INotebookTracker): ICellModel[] {
  const content = notebooks.currentWidget?.content;
  const cells = content?.widgets.filter(cell => content.isSelectedOrActive(cell)) ?? [];
  return cells.map(cell => cell.model).filter(isCodeCellModel);
}

/** The pressed state follows the selection, and the tags wherever they are changed. */
function followActiveCell(app: JupyterFrontEnd, notebooks: INotebookTracker): void {
  let active: ICellModel | null = null;
  const notify = (): void => app.commands.notifyCommandChanged(TOGGLE_EXPERIMENT);
  notebooks.activeCellChanged.connect((_, cell) => {
    active?.metadataChanged.disconnect(notify);
    active = cell?.model ?? null;
    active?.metadataChanged.connect(notify);
    notify();
  });
  notebooks.selectionChanged.connect(notify);
}
