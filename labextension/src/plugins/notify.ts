import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { brief, printable } from '../model/format';
import { paragraphs } from '../panels/paragraphs';

/** So many characters of a notification are shown: JupyterLab cuts the others off. */
const SHOWN = 140;
/** Most characters of an error that are ever shown. */
const WHOLE = 5000;

/** Milliseconds that what has to be read stands over the page; the list behind the bell keeps it, with its buttons. */
export const LASTING = 30_000;

/**
 * Say that something failed: what happened and what to do next, as text. The same is not said twice at a time.
 *
 * What is longer than a notification can be has a button that shows all of it.
 */
export function sayError(error: unknown, trans: TranslationBundle): void {
  const { message, next } = wordsOf(error);
  const text = printable([message, next].filter(Boolean).join(' '));
  const showAll = (): void => {
    const body = paragraphs([message, next].filter(Boolean).map(words => brief(words, WHOLE)));
    const title = trans.__('What went wrong');
    void showDialog({ title, body, buttons: [Dialog.okButton({ label: trans.__('Close') })] });
  };
  const whole = { label: trans.__('Show all'), callback: showAll };
  dismissSame(brief(text, SHOWN));
  Notification.error(brief(text, SHOWN), { autoClose: LASTING, actions: text.length > SHOWN ? [whole] : [] });
}

/** Say why what was asked for was not done; without a time JupyterLab would only tell it behind the bell. */
export function sayWhy(message: string, kind: 'info' | 'warning' = 'info'): void {
  dismissSame(message);
  Notification[kind](message, { autoClose: LASTING });
}

/** Take away what says the same: it is said again. */
function dismissSame(message: string): void {
  Notification.manager.notifications
    .filter(one => one.message === message)
    .forEach(({ id }) => Notification.dismiss(id));
}

function wordsOf(error: unknown): { message: string; next: string } {
  if (!(error instanceof Error)) {
    return { message: String(error), next: '' };
  }
  const next: unknown = 'next' in error ? error.next : '';
  return { message: error.message.trim(), next: typeof next === 'string' ? next.trim() : '' };
}
