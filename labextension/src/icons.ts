import { LabIcon } from '@jupyterlab/ui-components';
import experiments from '../style/icons/experiments.svg';

/** The sidebar and everything that leads to it. */
export const experimentsIcon = new LabIcon({ name: 'jupyter-bioml:experiments', svgstr: experiments });
