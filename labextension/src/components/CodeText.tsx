import React from 'react';
import { stretches } from '../model/invisible';

/**
 * Source text in which every character that cannot be seen is: its code stands before it. What is copied is the
 * text as it was, for the code is none of it (a style sheet writes it) and the character itself stays.
 */
export function CodeText(props: { text: string }): React.ReactElement {
  const parts = React.useMemo(() => stretches(props.text), [props.text]);
  return (
    <>
      {parts.map(({ text, code }, index) =>
        code === null ? (
          text
        ) : (
          <span key={index} className="bioml-Invisible" role="img" aria-label={code} title={code}>
            <span>{text}</span>
          </span>
        )
      )}
    </>
  );
}
