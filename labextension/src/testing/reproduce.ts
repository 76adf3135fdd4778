import type { IReproduce } from '../components/Reproduction';
import type { IReproduction } from '../model/jobs';
import { aJob } from './builders';

/** The reproduction of a run that is under way; `changes` say how far it is. */
export function aReproduction(changes: Partial<IReproduction> = {}): IReproduction {
  return {
    run: 'a'.repeat(32),
    name: 'gbm-depth3',
    path: 'study.ipynb',
    phase: 'running',
    job: aJob(),
    error: null,
    ...changes
  };
}

/** What a panel has of a run's reproduction: none yet, or one with these changes. */
export function aReproduce(changes: Partial<IReproduction> | null = null): {
  [key in keyof IReproduce]: key extends 'now' ? IReproduction | null : jest.Mock;
} {
  return {
    now: changes && aReproduction(changes),
    onStart: jest.fn(),
    onCancel: jest.fn(),
    onHide: jest.fn(),
    onOpenRun: jest.fn(),
    onCompare: jest.fn()
  };
}
