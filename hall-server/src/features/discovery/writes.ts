/** Writes of what searches have met and what became of it; run in the writer worker. */
import { HallError, type FoundDevice } from '@hall/contracts';
import type { Write } from '../../platform/store/write.ts';
import type { Asker } from '../audit/chain.ts';
import { appendAudit } from '../audit/writes.ts';
import { contentWrites, type ReplaceContent } from '../content/writes.ts';

/** Places kept per agent; those not seen for longest go first. */
const MOST_PLACES = 2000;

export interface FoundDevices {
  readonly agent: string;
  readonly devices: readonly FoundDevice[];
  /** What was not seen since then is forgotten, Unix ms. */
  readonly keptSince: number;
}

/** What is seen again keeps its first time and stays ignored if it was. */
const found: Write<FoundDevices, null> = (db, { agent, devices, keptSince }, { nowMs }) => {
  const put = db.prepare(
    `INSERT INTO found_devices (agent, place, value, first_seen, last_seen) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (agent, place) DO UPDATE SET value = excluded.value, last_seen = excluded.last_seen`,
  );
  for (const device of devices) put.run(agent, device.place, JSON.stringify(device), nowMs, nowMs);
  db.prepare('DELETE FROM found_devices WHERE last_seen < ?').run(keptSince);
  db.prepare(
    `DELETE FROM found_devices WHERE agent = ? AND id NOT IN
       (SELECT id FROM found_devices WHERE agent = ? ORDER BY last_seen DESC, id DESC LIMIT ${MOST_PLACES})`,
  ).run(agent, agent);
  return null;
};

export interface IgnoreFound extends Asker {
  readonly id: number;
  readonly ignored: boolean;
}
const ignore: Write<IgnoreFound, null> = (db, { id, ignored, by, address }, context) => {
  const row = db
    .prepare<[number, number], { agent: string; place: string }>(
      'UPDATE found_devices SET ignored = ? WHERE id = ? RETURNING agent, place',
    )
    .get(ignored ? 1 : 0, id);
  if (!row) throw new HallError('NOT_FOUND', { field: '/id' });
  appendAudit(db, {
    at: context.nowMs,
    person: by,
    action: ignored ? 'discovery.ignore' : 'discovery.unignore',
    object: row.place,
    outcome: 'done',
    details: { agent: row.agent, address },
  });
  context.changed('audit');
  return null;
};

export interface AdoptFound extends ReplaceContent {
  readonly found: number;
  readonly device: string;
}
/** The device becomes content and is no longer merely found, in one transaction. @throws HallError CONFLICT, NOT_FOUND. */
const adopt: Write<AdoptFound, { ver: number }> = (db, { found: id, device, ...change }, context) => {
  const row = db
    .prepare<[number], { agent: string; place: string }>('DELETE FROM found_devices WHERE id = ? RETURNING agent, place')
    .get(id);
  if (!row) throw new HallError('NOT_FOUND', { field: '/id' });
  const { by, address } = change;
  appendAudit(db, {
    at: context.nowMs,
    person: by,
    action: 'discovery.adopt',
    object: device,
    outcome: 'done',
    details: { ...row, address },
  });
  return contentWrites['content.replace'](db, change, context);
};

export const discoveryWrites = { 'discovery.found': found, 'discovery.ignore': ignore, 'discovery.adopt': adopt } as const;
