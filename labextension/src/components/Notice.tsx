import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { ApiError } from '../api/request';
import { printable } from '../model/format';

/** What went wrong, what is still shown, and what to do next. */
export function Problem(props: {
  error: Error;
  /** What is shown in spite of it; empty where there is nothing. */
  kept?: string;
  onRetry?: () => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { error, kept, onRetry, trans } = props;
  const next = error instanceof ApiError ? error.next : '';
  return (
    <div className="bioml-Problem" role="alert">
      <span aria-hidden="true">⚠</span>
      <span>
        <span className="bioml-ProblemWhat">{printable(error.message)}</span>
        {kept ? ` ${kept}` : ''} {printable(next)}
      </span>
      {onRetry && (
        <button type="button" className="bioml-Button" onClick={onRetry}>
          {trans.__('Try again')}
        </button>
      )}
    </div>
  );
}

/** The same in little room: what went wrong, and all of it in the title. */
export function BriefProblem(props: {
  error: Error;
  onRetry: () => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { error, onRetry, trans } = props;
  const next = error instanceof ApiError ? error.next : '';
  return (
    <p className="bioml-Empty" role="alert" title={`${printable(error.message)} ${printable(next)}`.trim()}>
      <span aria-hidden="true">⚠ </span>
      {printable(error.message)}{' '}
      <button type="button" className="bioml-LinkButton" onClick={onRetry}>
        {trans.__('Try again')}
      </button>
    </p>
  );
}

/** Nothing is there: why, or what would put something there. */
export function Empty(props: { children: React.ReactNode }): React.ReactElement {
  return <p className="bioml-Empty">{props.children}</p>;
}

/** Shown while something is read. */
export function Loading(props: { trans: TranslationBundle }): React.ReactElement {
  return (
    <p className="bioml-Empty" role="status">
      {props.trans.__('Loading…')}
    </p>
  );
}

/** What stands where a part of a page is read lazily: its state, then its content. */
export function Lazy<T>(props: {
  part: { readonly value: T | null; readonly error: Error | null };
  onRetry: () => void;
  trans: TranslationBundle;
  children: (value: T) => React.ReactNode;
}): React.ReactElement {
  const { part, onRetry, trans } = props;
  return (
    <>
      {part.error && (
        <Problem
          error={part.error}
          kept={part.value === null ? '' : trans.__('What was read earlier is still shown.')}
          onRetry={onRetry}
          trans={trans}
        />
      )}
      {part.value !== null ? props.children(part.value) : part.error ? null : <Loading trans={trans} />}
    </>
  );
}
