/** A stretch of text, or a character in it that cannot be seen or moves what stands around it. */
export interface IStretch {
  text: string;
  /** How the character is called, `U+202E`; null for text that is what it looks like. */
  code: string | null;
}

/** Pictures made of several characters, joined by ones that count as invisible anywhere else. */
const PICTURE =
  '\\p{Extended_Pictographic}[\\uFE0F\\p{Emoji_Modifier}]?(?:\\u200D\\p{Extended_Pictographic}[\\uFE0F\\p{Emoji_Modifier}]?)*|[0-9#*]\\uFE0F\\u20E3';
/** Control, formatting and direction-changing characters, fillers, separators of lines that end none. */
const INVISIBLE = '[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}]';
/** What every line has. */
const USUAL = '\\r\\n|[\\t\\n]';
const FOUND = new RegExp(`${PICTURE}|${USUAL}|(${INVISIBLE})`, 'gu');

/**
 * Text cut at each character that could make it read other than it runs ("Trojan Source").
 *
 * The texts together are the whole text. Tabs, line ends and pictures are text.
 */
export function stretches(text: string): IStretch[] {
  const found: IStretch[] = [];
  let start = 0;
  for (const match of text.matchAll(FOUND)) {
    const character = match[1];
    if (character === undefined) {
      continue;
    }
    if (match.index > start) {
      found.push({ text: text.slice(start, match.index), code: null });
    }
    found.push({ text: character, code: nameOf(character) });
    start = match.index + character.length;
  }
  if (start < text.length) {
    found.push({ text: text.slice(start), code: null });
  }
  return found;
}

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
