/** What differs between two contents. */
import { contentKinds, type HallContent } from '@hall/contracts';

export interface KindChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** A row of the content as it is stored. */
export interface ContentItem {
  readonly kind: string;
  readonly id: string;
  readonly position: number;
  readonly value: string;
}

/** JSON with sorted keys, so that equal things have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}

/** The content as rows; settings and calendar have the id `hall`. */
export const itemsOf = (content: HallContent): ContentItem[] => [
  { kind: 'settings', id: 'hall', position: 0, value: canonicalJson(content.settings) },
  { kind: 'calendar', id: 'hall', position: 0, value: canonicalJson(content.calendar) },
  ...contentKinds.flatMap((kind) =>
    content[kind].map((item, position) => ({ kind, id: item.id, position, value: canonicalJson(item) })),
  ),
];

/** Ids added, changed and removed, by kind; kinds without change are absent. A new place in the list is no change. */
export function changesBetween(before: readonly ContentItem[], after: readonly ContentItem[]): Record<string, KindChanges> {
  const key = ({ kind, id }: ContentItem) => `${kind}/${id}`;
  const old = new Map(before.map((item) => [key(item), item]));
  const fresh = new Map(after.map((item) => [key(item), item]));
  const kinds = new Set([...before, ...after].map(({ kind }) => kind));
  const changes: Record<string, KindChanges> = {};
  for (const kind of kinds) {
    const mine = after.filter((item) => item.kind === kind);
    const added = mine.filter((item) => !old.has(key(item))).map(({ id }) => id);
    const changed = mine.filter((item) => (old.get(key(item))?.value ?? item.value) !== item.value).map(({ id }) => id);
    const removed = before.filter((item) => item.kind === kind && !fresh.has(key(item))).map(({ id }) => id);
    if (added.length + changed.length + removed.length > 0) changes[kind] = { added, changed, removed };
  }
  return changes;
}
