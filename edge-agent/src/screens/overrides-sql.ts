/** What stands over the plans, in SQL. Runs on the store thread. */
import type { OverrideKind } from '@hall/contracts';
import type { Db } from '../store/database.ts';

/** One at most of each slot of a device: what passes by itself, the dark screen, the brightness. */
export type OverrideSlot = 'passing' | 'black' | 'brightness';

/** An override as it is kept over a restart: what was left of it and when that was noted, so that a restart cannot prolong it. */
export interface StoredOverride {
  readonly device: string;
  readonly slot: OverrideSlot;
  readonly kind: OverrideKind;
  readonly command: string;
  readonly percent?: number;
  /** What was left, ms of machine time; absent when it lasts until it is taken back. */
  readonly remainingMs?: number;
  /** Wall time at which that was noted, Unix ms. */
  readonly notedAt: number;
}

export const storedOverrides = (db: Db): StoredOverride[] =>
  (
    db.prepare("SELECT unseal(body, 'override', device, slot) AS body FROM override ORDER BY device, slot").all() as Array<{
      body: string | null;
    }>
  ).flatMap(({ body }) => (body === null ? [] : (JSON.parse(body) as StoredOverride)));

/** Makes these the overrides of one device. */
export function saveOverrides(db: Db, { device, overrides }: { device: string; overrides: readonly StoredOverride[] }): void {
  db.prepare('DELETE FROM override WHERE device = ?').run(device);
  const put = db.prepare(
    "INSERT INTO override (device, slot, body) VALUES (@device, @slot, seal(@body, 'override', @device, @slot))",
  );
  for (const one of overrides) put.run({ device, slot: one.slot, body: JSON.stringify(one) });
}
