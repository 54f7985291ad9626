/** Writes about platforms: who may send events. Each leaves its audit row. */
import { HallError } from '@hall/contracts';
import type { Write } from '../../platform/store/write.ts';
import type { Asker } from '../audit/chain.ts';
import { appendAudit } from '../audit/writes.ts';
import type { PlatformRow } from './store.ts';

export interface PutPlatform extends PlatformRow, Asker {
  /** What is done to it, for the audit row. */
  readonly act: 'add' | 'rotate';
}

/** @throws HallError NAME_TAKEN if an agent has the id: both are MQTT users. */
const put: Write<PutPlatform, void> = (db, platform, { nowMs, changed }) => {
  const { by, address, act, id, sources, secrets, mqttHash } = platform;
  if (db.prepare('SELECT 1 FROM agents WHERE id = ?').get(id)) throw new HallError('NAME_TAKEN', { field: '/id' });
  db.prepare(
    `INSERT INTO platforms (id, sources, secrets, mqtt_hash, added_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET sources = excluded.sources, secrets = excluded.secrets, mqtt_hash = excluded.mqtt_hash`,
  ).run(id, JSON.stringify(sources), JSON.stringify(secrets), mqttHash, nowMs);
  const details = { sources, secrets: secrets.length, address };
  appendAudit(db, { at: nowMs, person: by, action: `platform.${act}`, object: id, outcome: 'done', details });
  changed('platforms');
  changed('audit');
};

/** @throws HallError NOT_FOUND. */
const remove: Write<Asker & { readonly id: string }, void> = (db, { by, address, id }, { nowMs, changed }) => {
  if (db.prepare('DELETE FROM platforms WHERE id = ?').run(id).changes === 0) throw new HallError('NOT_FOUND', { field: '/id' });
  appendAudit(db, { at: nowMs, person: by, action: 'platform.remove', object: id, outcome: 'done', details: { address } });
  changed('platforms');
  changed('audit');
};

export const intakeWrites = { 'platforms.put': put, 'platforms.remove': remove } as const;
