import React from 'react';
import { printable } from '../model/format';

/** Draws Markdown into an element. @returns what takes it away again. */
export type DrawMarkdown = (place: HTMLElement, text: string) => () => void;

/** A text that somebody wrote, as Markdown; as plain text where nothing draws it. */
export function Markdown(props: { text: string; draw: DrawMarkdown | null }): React.ReactElement {
  const { text, draw } = props;
  const host = React.useRef<HTMLDivElement>(null);
  // every line by itself: characters that cannot be seen or turn the text round are shown by their codes
  const shown = text.split(/\r?\n/).map(printable).join('\n');
  React.useEffect(
    () => (draw === null || host.current === null ? undefined : draw(host.current, shown)),
    [shown, draw]
  );
  return draw === null ? (
    <p className="bioml-Note">{shown}</p>
  ) : (
    <div className="bioml-Markdown" ref={host} />
  );
}
