/** What the product has on disk after a run, read from its database as anybody could. */
import { systemClock, type HallContent } from '@hall/contracts';
import Database from 'better-sqlite3';
import { CALL_ID } from './hall-events.ts';
import type { Acknowledged } from './system.ts';
import { callIn } from './tickets.ts';

/** Confirmations have stopped coming when none came for this long. */
const QUIET_MS = 1000;
const { machine } = systemClock();

function read<T>(file: string, query: (db: Database.Database) => T): T {
  const db = new Database(file, { readonly: true });
  try {
    return query(db);
  } finally {
    db.close();
  }
}

/** Calls that are facts. */
export const storedCalls = async (file: string): Promise<ReadonlySet<number>> =>
  read(file, (db) => {
    const ids = db.prepare<[], string>("SELECT id FROM facts WHERE type = 'ticket.called'").pluck();
    return new Set(ids.all().map((id) => Number(id.slice(CALL_ID.length))));
  });

/** Confirmed screens that show a ticket, in the order in which the server had them. */
export async function confirmedScreens(file: string, { devices }: HallContent): Promise<readonly Acknowledged[]> {
  const count = () =>
    read(file, (db) => db.prepare<[], number>("SELECT count(*) FROM facts WHERE type = 'screen.confirmed'").pluck().get());
  for (let before = -1, now = count(); now !== before; now = count()) {
    before = now ?? 0;
    await machine.sleep(QUIET_MS);
  }
  const stripOf = new Map(devices.map(({ id }, at) => [id, at]));
  return read(file, (db) =>
    db
      .prepare<[], { subject: string; received_at: number; data: string }>(
        "SELECT subject, received_at, data FROM facts WHERE type = 'screen.confirmed' ORDER BY seq",
      )
      .all()
      .flatMap(({ subject, received_at: wallMs, data }) => {
        const call = callIn(Buffer.from((JSON.parse(data) as { text: string[] }).text.join('\n')));
        return call < 0 ? [] : [{ strip: stripOf.get(subject) ?? -1, call, wallMs }];
      }),
  );
}

/** How many facts have an id that starts like this. */
export const countEvents = (file: string, prefix: string): number =>
  read(file, (db) => db.prepare<[string], number>("SELECT count(*) FROM facts WHERE id LIKE ? || '%'").pluck().get(prefix) ?? 0);
