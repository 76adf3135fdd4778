import { Widget } from '@lumino/widgets';

/** A dialog's body of several paragraphs of text. */
export function paragraphs(texts: readonly string[]): Widget {
  const body = new Widget();
  for (const text of texts) {
    const paragraph = document.createElement('p');
    paragraph.className = 'bioml-Paragraph';
    paragraph.textContent = text;
    body.node.append(paragraph);
  }
  return body;
}
