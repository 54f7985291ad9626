/** What every write that changes who may be an agent has in common. */
import type { Database } from '../../platform/store/database.ts';

/** Ids no machine may have: the server's own MQTT user. */
const RESERVED: ReadonlySet<string> = new Set(['server']);

/** Whether an agent may have the id: platforms are MQTT users too. */
export const mayBeAgent = (db: Database, id: string): boolean =>
  !RESERVED.has(id) && db.prepare('SELECT 1 FROM platforms WHERE id = ?').get(id) === undefined;

/** Whoever is connected is looked at again, in whichever process the server runs. */
export const renewCredentials = (db: Database): void =>
  void db
    .prepare(
      `INSERT INTO meta (key, value) VALUES ('agents_ver', '1')
       ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)`,
    )
    .run();

/** Keys of an agent that is given a password, or forgotten, are good no more. */
export function dropKeys(db: Database, agent: string): void {
  db.prepare("UPDATE agent_keys SET state = 'revoked' WHERE agent = ? AND state IN ('next', 'current')").run(agent);
  renewCredentials(db);
}
