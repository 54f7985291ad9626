/** Changes to the hall content as pure functions; the server checks the result. */
import type { ContentKind, HallContent } from '@hall/contracts';
import type { ContentRow } from '../api/hall-api.ts';

/** The content with a row added, or put in the place of the row that had the id `replaces`. */
export function withRow(content: HallContent, kind: ContentKind, row: ContentRow, replaces?: string): HallContent {
  const rows: readonly ContentRow[] = content[kind];
  const next = replaces === undefined ? [...rows, row] : rows.map((held) => (held.id === replaces ? row : held));
  return { ...content, [kind]: next };
}

/** The content without a row. */
export const withoutRow = (content: HallContent, kind: ContentKind, id: string): HallContent => ({
  ...content,
  [kind]: (content[kind] as readonly ContentRow[]).filter((row) => row.id !== id),
});

/** Drops what was left empty, so that optional words are absent rather than empty. */
export const filled = <T extends object>(row: T): T =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && value !== null && value !== '')) as T;
