/** A cell of a table; null is an empty cell. */
export type Cell = string | number | boolean | null;

/** What a spreadsheet would take for a formula: the same rules as `text/csv_table.py` has. */
const FORMULA = /^[\s\0]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/;
const NUMBER = /^[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf(inity)?|nan)$/i;

/** A table as CSV (RFC 4180). Text that a spreadsheet would run is made harmless by a leading apostrophe. */
export function toCsv(rows: readonly (readonly Cell[])[]): string {
  return rows.map(row => row.map(csvCell).join(',') + '\r\n').join('');
}

function csvCell(cell: Cell): string {
  if (cell === null) {
    return '';
  }
  const text = String(cell);
  const isFormula = typeof cell === 'string' && FORMULA.test(text) && !NUMBER.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replace(/"/g, '""')}"` : safe;
}
