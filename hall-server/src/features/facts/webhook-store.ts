/**
 * Signed requests already taken, for as long as their signature would be accepted. The same id with the same body is a sender
 * that did not hear our answer; the same id with another body is refused (docs/decisions/0003-webhook-replay.md).
 */
import { HallError } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';
import type { Batch } from '../../platform/store/protocol.ts';

/** Requests between two looks for expired rows. */
const SWEEP_EVERY = 256;
const SWEEP_ROWS = 1024;
const DIGEST_BYTES = 16;

export interface WebhookStore {
  /** Remembers the request. @throws HallError SIGNATURE_REPLAYED, nothing written. */
  admit(platform: string, webhook: NonNullable<Batch['webhook']>, nowMs: number): void;
}

export function createWebhookStore(db: Database): WebhookStore {
  const insert = db.prepare('INSERT INTO webhook_seen (key, digest, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const find = db.prepare<[Buffer], { digest: Buffer; expires_at: number }>(
    'SELECT digest, expires_at FROM webhook_seen WHERE key = ?',
  );
  const renew = db.prepare('UPDATE webhook_seen SET digest = ?, expires_at = ? WHERE key = ?');
  const sweep = db.prepare(
    'DELETE FROM webhook_seen WHERE key IN (SELECT key FROM webhook_seen WHERE expires_at < ? ORDER BY expires_at LIMIT ?)',
  );
  let admitted = 0;
  return {
    admit: (platform, { id, digest, expiresAt }, nowMs) => {
      // Not hashed: the ids of a sender mostly grow, so one commit touches few pages. Random keys made commits five times dearer.
      const key = Buffer.from(`${platform}\0${id}`);
      const short = Buffer.from(digest, 'base64').subarray(0, DIGEST_BYTES);
      if (insert.run(key, short, expiresAt).changes === 0) {
        const seen = find.get(key);
        const living = seen !== undefined && seen.expires_at >= nowMs;
        if (living && !seen.digest.equals(short)) throw new HallError('SIGNATURE_REPLAYED', { field: 'webhook-id' });
        renew.run(short, Math.max(expiresAt, living ? seen.expires_at : 0), key);
      }
      admitted += 1;
      if (admitted % SWEEP_EVERY === 0) sweep.run(nowMs, SWEEP_ROWS);
    },
  };
}
