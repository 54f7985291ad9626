/** Writes about platforms: who may send events. */
import { HallError } from '@hall/contracts';
import type { Write } from '../../platform/store/write.ts';
import type { PlatformRow } from './store.ts';

/** @throws HallError NAME_TAKEN if an agent has the id: both are MQTT users. */
const put: Write<PlatformRow, void> = (db, { id, sources, secrets, mqttHash }, { nowMs, changed }) => {
  if (db.prepare('SELECT 1 FROM agents WHERE id = ?').get(id)) throw new HallError('NAME_TAKEN', { field: '/id' });
  db.prepare(
    `INSERT INTO platforms (id, sources, secrets, mqtt_hash, added_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET sources = excluded.sources, secrets = excluded.secrets, mqtt_hash = excluded.mqtt_hash`,
  ).run(id, JSON.stringify(sources), JSON.stringify(secrets), mqttHash, nowMs);
  changed('platforms');
};

/** @throws HallError NOT_FOUND. */
const remove: Write<{ readonly id: string }, void> = (db, { id }, { changed }) => {
  if (db.prepare('DELETE FROM platforms WHERE id = ?').run(id).changes === 0) throw new HallError('NOT_FOUND', { field: '/id' });
  changed('platforms');
};

export const intakeWrites = { 'platforms.put': put, 'platforms.remove': remove } as const;
