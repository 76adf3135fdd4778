import { LabIcon } from '@jupyterlab/ui-components';

/** A flask: the cell is an experiment. */
export const experimentIcon = new LabIcon({
  name: 'jupyter-bioml:experiment',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><path class="jp-icon3" fill="#616161" ' +
    'd="M8 2h8v2h-1v5.2l5.3 9.6A2.2 2.2 0 0 1 18.4 22H5.6a2.2 2.2 0 0 1-1.9-3.2L9 9.2V4H8zm3 2v5.7L8.1 15h7.8L13 9.7V4z"/></svg>'
});
