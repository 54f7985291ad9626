/** Rules about hall content. Knows no HTTP and no SQL text. */
import { HallContent, HallError, type ContentKind, type ImportReply } from '@hall/contracts';
import { checkContent } from '@hall/model';
import { Compile } from 'typebox/compile';
import { problemOf } from '../../platform/problem.ts';
import type { Database } from '../../platform/store/database.ts';
import type { Writer } from '../../platform/store/writer.ts';
import type { Asker } from '../audit/chain.ts';
import { importCsv, toCsv } from './csv.ts';
import { contentHistory, contentVersions, readContent, type ContentVersion } from './store.ts';

/** Who changes, and from which version; without a version the newest is taken. */
export interface Change extends Asker {
  readonly ifVersion?: number;
}
export interface ContentService {
  /** The content in force; the same object until it changes. */
  load(): HallContent;
  /** Its version; 0 before anything was stored. */
  version(): number;
  /** Newest first. */
  history(limit: number): ContentVersion[];
  /** Makes this the content. Answers the new version. @throws HallError CONTENT_INVALID, CONFLICT. */
  replace(change: Change, content: HallContent): Promise<number>;
  /** Adds or replaces one row. @throws HallError CONTENT_INVALID, CONFLICT. */
  put<K extends ContentKind>(change: Change, kind: K, item: HallContent[K][number]): Promise<number>;
  /** @throws HallError NOT_FOUND, CONTENT_REFERENCED, CONFLICT. */
  remove(change: Change, kind: ContentKind, id: string): Promise<number>;
  /** Takes a CSV file with all rows of one kind. Errors are in the reply, and then nothing changed. @throws HallError CONFLICT. */
  import(change: Change, kind: ContentKind, file: Uint8Array, dryRun: boolean): Promise<ImportReply>;
  /** The rows of a kind as CSV with BOM. */
  csv(kind: ContentKind): string;
}

const schema = Compile(HallContent);

export function createContentService({
  db,
  writer,
  hall,
}: {
  db: Database;
  writer: Pick<Writer, 'call'>;
  hall: string;
}): ContentService {
  let held: { readonly ver: number; readonly content: HallContent } | undefined;
  const version = contentVersions(db);
  const now = () => {
    const ver = version();
    if (held?.ver !== ver) held = { ver, content: readContent(db) };
    return held;
  };
  const store = async ({ by, address, ifVersion }: Change, content: HallContent): Promise<number> => {
    const args = { by, address, hall, content, ...(ifVersion !== undefined && { ifVersion }) };
    const { ver } = await writer.call('content.replace', args);
    return ver;
  };
  const replace = async (change: Change, content: HallContent): Promise<number> => {
    if (!schema.Check(content)) throw new HallError('CONTENT_INVALID', { ...problemOf(schema.Errors(content)) });
    const [wrong] = checkContent(content);
    if (wrong) {
      const field = wrong.kind === 'calendar' ? `/calendar/${wrong.field}` : `/${wrong.kind}/${wrong.index}/${wrong.field}`;
      throw new HallError('CONTENT_INVALID', { field, expected: wrong.expected });
    }
    return store(change, content);
  };
  return {
    load: () => now().content,
    version: () => now().ver,
    history: (limit) => contentHistory(db, limit),
    replace,
    async put(change, kind, item) {
      const { content, ver } = now();
      const rows: readonly { readonly id: string }[] = content[kind];
      const place = rows.findIndex(({ id }) => id === item.id);
      const next = place < 0 ? [...rows, item] : rows.with(place, item);
      return replace({ ifVersion: ver, ...change }, { ...content, [kind]: next });
    },
    async remove(change, kind, id) {
      const { content, ver } = now();
      const rows: readonly { readonly id: string }[] = content[kind];
      const next = { ...content, [kind]: rows.filter((row) => row.id !== id) };
      if (next[kind].length === rows.length) throw new HallError('NOT_FOUND', { field: '/id' });
      const [wrong] = checkContent(next);
      if (wrong) throw new HallError('CONTENT_REFERENCED', { field: `/${wrong.kind}/${wrong.index}/${wrong.field}` });
      return store({ ifVersion: ver, ...change }, next);
    },
    async import(change, kind, file, dryRun) {
      const { content: before, ver } = now();
      const { content, ...counts } = importCsv(before, kind, file);
      if (content && !dryRun) await store({ ifVersion: ver, ...change }, content);
      return { dryRun, applied: content !== undefined && !dryRun, ...counts };
    },
    csv: (kind) => toCsv(now().content, kind),
  };
}
