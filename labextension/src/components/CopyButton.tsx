import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { copyText } from '../model/clipboard';

/** How long a button says that it copied, in milliseconds. */
const SAID = 1500;

/** Copies on call, and says for a moment how that went: null before. */
export function useCopy(): [boolean | null, (text: string) => void] {
  const [copied, setCopied] = React.useState<boolean | null>(null);
  React.useEffect(() => {
    if (copied === null) {
      return undefined;
    }
    const timer = setTimeout(() => setCopied(null), SAID);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = React.useCallback((text: string): void => {
    void copyText(text).then(setCopied);
  }, []);
  return [copied, copy];
}

/** Says to eyes and screen readers that something was copied; takes no room, so that nothing moves. */
export function CopySaid(props: { copied: boolean | null; trans: TranslationBundle }): React.ReactElement {
  const { copied, trans } = props;
  const text =
    copied === null ? '' : copied ? trans.__('Copied') : trans.__('Not copied: the browser did not allow it');
  return (
    <span className={`bioml-CopySaid${copied === null ? ' bioml-mod-quiet' : ''}`} role="status">
      {text}
    </span>
  );
}

interface ICopyButtonProps {
  /** What is copied; a function where it is costly to make. */
  text: string | (() => string);
  label: string;
  /** What the button shows; default: the sign for copying. */
  children?: React.ReactNode;
  trans: TranslationBundle;
}

/** A small button that copies a text. */
export function CopyButton(props: ICopyButtonProps): React.ReactElement {
  const [copied, copy] = useCopy();
  const { text, label, children, trans } = props;
  return (
    <span className="bioml-CopyPlace">
      <button
        type="button"
        className={children === undefined ? 'bioml-SignButton' : 'bioml-Button'}
        title={label}
        aria-label={children === undefined ? label : undefined}
        onClick={() => copy(typeof text === 'string' ? text : text())}
      >
        {children ?? <CopySign />}
      </button>
      <CopySaid copied={copied} trans={trans} />
    </span>
  );
}

/** Two sheets, one over the other. */
function CopySign(): React.ReactElement {
  return (
    <svg className="bioml-CopySign" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      <path d="M4 3.5V1.5h6.5v7h-2M1.5 3.5H8v7H1.5z" fill="none" stroke="currentColor" />
    </svg>
  );
}
