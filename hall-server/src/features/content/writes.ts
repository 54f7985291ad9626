/** Writes of the hall content; run in the writer worker. */
import { createHash } from 'node:crypto';
import { HallError, type HallContent } from '@hall/contracts';
import type { Write } from '../../platform/store/write.ts';
import type { Asker } from '../audit/chain.ts';
import { appendAudit } from '../audit/writes.ts';
import { canonicalJson, changesBetween, itemsOf, type ContentItem } from './changes.ts';
import { contentVersions } from './store.ts';

/** Whole snapshots are kept of this many versions; of older ones only who changed what. */
const SNAPSHOTS = 200;

export interface ReplaceContent extends Asker {
  readonly hall: string;
  /** Already checked. */
  readonly content: HallContent;
  /** The version the change was made from: CONFLICT if it is no longer the newest. */
  readonly ifVersion?: number;
}

/**
 * Makes `content` the content. Rows, version record, fact (`content.changed`) and audit row are one transaction. Content that
 * is the same already makes no new version. Answers the version in force.
 */
const replace: Write<ReplaceContent, { ver: number }> = (db, { by, address, hall, content, ifVersion }, context) => {
  const held = contentVersions(db)();
  if (ifVersion !== undefined && ifVersion !== held)
    throw new HallError('CONFLICT', { field: 'if-match', expected: `"${held}"` });
  const before = db.prepare<[], ContentItem>('SELECT kind, id, position, value FROM content_items').all();
  const after = itemsOf(content);
  const changes = changesBetween(before, after);
  const places = new Map(before.map(({ kind, id, position }) => [`${kind}/${id}`, position]));
  const moved = after.filter(({ kind, id, position }) => (places.get(`${kind}/${id}`) ?? position) !== position);
  if (Object.keys(changes).length + moved.length === 0) return { ver: held };

  const ver = held + 1;
  const put = db.prepare(
    `INSERT INTO content_items (kind, id, position, value, ver) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (kind, id) DO UPDATE SET position = excluded.position,
       ver = iif(value = excluded.value, ver, excluded.ver), value = excluded.value`,
  );
  for (const { kind, id, position, value } of after) put.run(kind, id, position, value, ver);
  const remove = db.prepare('DELETE FROM content_items WHERE kind = ? AND id = ?');
  for (const [kind, { removed }] of Object.entries(changes)) for (const id of removed) remove.run(kind, id);

  const json = canonicalJson(content);
  const digest = createHash('sha256').update(json).digest();
  db.prepare('INSERT INTO content_versions (ver, at, person, changes, digest, content) VALUES (?, ?, ?, ?, ?, ?)').run(
    ver,
    context.nowMs,
    by,
    JSON.stringify(changes),
    digest,
    json,
  );
  db.prepare(`UPDATE content_versions SET content = 'null' WHERE ver = ?`).run(ver - SNAPSHOTS);

  const counts = Object.fromEntries(
    Object.entries(changes).map(([kind, { added, changed, removed }]) => [
      kind,
      { added: added.length, changed: changed.length, removed: removed.length },
    ]),
  );
  const data = { ver, by, digest: digest.toString('hex'), changes: counts };
  db.prepare(
    `INSERT INTO facts (source, id, type, schema_version, subject, time, received_at, sequence, data)
     VALUES (?, ?, 'content.changed', 1, '', ?, ?, 0, ?)`,
  ).run(`/hall/${hall}/server`, `content-${ver}`, context.nowMs, context.nowMs, JSON.stringify(data));
  appendAudit(db, {
    at: context.nowMs,
    person: by,
    action: 'content.change',
    object: `version ${ver}`,
    outcome: 'done',
    details: { changes, address },
  });
  context.changed('content');
  context.changed('audit');
  return { ver };
};

export const contentWrites = { 'content.replace': replace } as const;
