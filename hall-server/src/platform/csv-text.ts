/** Tables as CSV the way offices open it: UTF-8 with BOM, CRLF, no cell that a spreadsheet would run. */

/** What spreadsheets take for the start of a formula; full-width signs too, which some of them convert. */
export const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

const guarded = (cell: string) => (FORMULA.test(cell) ? `'${cell}` : cell);
const quoted = (cell: string) => (/[",\r\n]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell);

/** A header and rows of cells. */
export function csvText(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return `\ufeff${[header, ...rows.map((row) => row.map((cell) => quoted(guarded(cell))))].map((row) => row.join(',')).join('\r\n')}\r\n`;
}
