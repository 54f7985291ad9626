/** Writes about facts that are not events of a request: what retention removes. */
import type { Write } from '../../platform/store/write.ts';

export interface RetentionArgs {
  /** Sealed raw bodies of quarantined events received before this are removed, Unix ms. */
  readonly sealedBefore: number;
  /** Quarantine rows received before this are removed, Unix ms. */
  readonly quarantineBefore: number;
  /** Facts of these types received before the time are removed, Unix ms. */
  readonly classes: ReadonlyArray<{ readonly types: readonly string[]; readonly before: number }>;
  /** Most rows removed at once, so that a long clean-up never delays an event. */
  readonly limit: number;
}

/** The newest fact always stays: the next one would get its seq again, and the fold counts by seq. */
const retain: Write<RetentionArgs, { removed: number }> = (db, { sealedBefore, quarantineBefore, classes, limit }) => {
  let removed = db
    .prepare(
      'UPDATE quarantine SET sealed = NULL WHERE seq IN (SELECT seq FROM quarantine WHERE sealed IS NOT NULL AND received_at < ? LIMIT ?)',
    )
    .run(sealedBefore, limit).changes;
  removed += db
    .prepare('DELETE FROM quarantine WHERE seq IN (SELECT seq FROM quarantine WHERE received_at < ? LIMIT ?)')
    .run(quarantineBefore, limit).changes;
  const remove = db.prepare(
    `DELETE FROM facts WHERE seq IN
       (SELECT seq FROM facts WHERE received_at < ? AND type IN (SELECT value FROM json_each(?))
          AND seq < (SELECT max(seq) FROM facts) ORDER BY seq LIMIT ?)`,
  );
  for (const { types, before } of classes) removed += remove.run(before, JSON.stringify(types), limit).changes;
  return { removed };
};

export const factWrites = { 'facts.retain': retain } as const;
