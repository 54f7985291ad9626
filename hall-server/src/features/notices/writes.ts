/** Writes of notices; run in the writer worker. What is told and that it was decided are one transaction. */
import { randomUUID } from 'node:crypto';
import { HallError, type AlarmNews, type ConsoleNotice, type Delivery, type NoticeSettings } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';
import type { Write } from '../../platform/store/write.ts';
import type { Asker } from '../audit/chain.ts';
import { appendAudit } from '../audit/writes.ts';
import { due, type ToldSteps } from './escalation.ts';
import { recipientsOf, type Recipients } from './recipients.ts';
import { consoleNotice, nextEscalation, readSettings } from './store.ts';

/** Alarms asked about in one transaction. */
const MOST_AT_ONCE = 500;

/** What a decision left behind. */
export interface Decided {
  /** When the rule is to be asked again, Unix ms. */
  readonly nextAt: number | null;
  /** Whether something waits to be sent. */
  readonly made: boolean;
  readonly onConsole: readonly ConsoleNotice[];
}
export interface Moment {
  /** Unix ms. */
  readonly now: number;
  /** End of the quiet hours that hold now, Unix ms. */
  readonly quietUntil: number | null;
}
interface AlarmRow {
  readonly key: string;
  readonly news: string;
  readonly anchor: number;
  readonly told: string;
}
interface Made {
  made: boolean;
  readonly onConsole: ConsoleNotice[];
}

function insertDelivery(
  db: Database,
  about: { readonly what: Delivery['what']; readonly news: AlarmNews; readonly step: string; readonly now: number },
  { channel, people, kind, reachable }: Recipients,
  made: Made,
): void {
  const { what, news, step, now } = about;
  const shown = kind === 'console';
  const state = shown ? 'sent' : reachable ? 'waiting' : 'failed';
  const code = shown ? 'SHOWN' : reachable ? null : 'NO_RECIPIENT';
  const text = JSON.stringify(news);
  const { lastInsertRowid } = db
    .prepare(
      `INSERT INTO notice_deliveries (id, what, alarm, news, channel, people, step, state, created_at, next_at, sent_at, code)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(randomUUID(), what, news.key, text, channel, JSON.stringify(people), step, state, now, now, shown ? now : null, code);
  if (state === 'waiting') made.made = true;
  if (shown) made.onConsole.push(consoleNotice({ seq: Number(lastInsertRowid), what, news: text, created_at: now }));
}

/** Asks the rule about one alarm and writes what follows. */
function escalate(db: Database, settings: NoticeSettings, row: AlarmRow, { now, quietUntil }: Moment, made: Made): void {
  const news = JSON.parse(row.news) as AlarmNews;
  const { priority, acknowledged } = news;
  const told = JSON.parse(row.told) as ToldSteps;
  const decided = due(settings, { priority, anchor: row.anchor, acknowledged }, told, now, quietUntil);
  for (const { step, repeated } of decided.due) {
    const what = repeated ? 'repeated' : 'raised';
    for (const to of recipientsOf(settings, step)) insertDelivery(db, { what, news, step: step.id, now }, to, made);
  }
  db.prepare('UPDATE notice_alarms SET told = ?, next_at = ? WHERE key = ?').run(
    JSON.stringify(decided.told),
    decided.nextAt,
    row.key,
  );
}

/** What was decided and has not left yet is not sent any more. */
const drop = (db: Database, alarm: string, code: string): void =>
  void db
    .prepare(
      `UPDATE notice_deliveries SET state = 'dropped', code = ? WHERE alarm = ? AND state = 'waiting' AND tries = 0 AND batch IS NULL`,
    )
    .run(code, alarm);

/** Calls an alarm over for whoever was told of it, and forgets it. */
function clear(db: Database, settings: NoticeSettings, news: AlarmNews, now: number, made: Made): void {
  drop(db, news.key, 'CLEARED');
  const held = db.prepare<[string], { anchor: number }>('SELECT anchor FROM notice_alarms WHERE key = ?').get(news.key);
  db.prepare('DELETE FROM notice_alarms WHERE key = ?').run(news.key);
  if (!held || !settings.tellCleared) return;
  const told = db
    .prepare<[string, number], { channel: string; people: string; step: string }>(
      `SELECT channel, people, min(step) AS step FROM notice_deliveries
       WHERE alarm = ? AND created_at >= ? AND what IN ('raised', 'repeated') AND state IN ('sent', 'waiting')
       GROUP BY channel, people ORDER BY min(seq)`,
    )
    .all(news.key, held.anchor);
  for (const { channel, people, step } of told) {
    const kind = settings.channels.find(({ id, enabled }) => id === channel && enabled)?.kind;
    if (kind === undefined) continue;
    const to = { channel, kind, people: JSON.parse(people) as string[], reachable: true };
    insertDelivery(db, { what: 'cleared', news, step, now }, to, made);
  }
}

export interface TakeNews extends Moment {
  readonly news: readonly AlarmNews[];
  /** False where these are alarms that were there before: minutes count from their own beginning. */
  readonly live: boolean;
  /** True: these are all open alarms; what is not among them is over. */
  readonly whole: boolean;
}

/** Takes what happened to alarms, in order. News that say nothing new change nothing. */
const take: Write<TakeNews, Decided> = (db, { news, live, whole, ...moment }) => {
  const { settings } = readSettings(db);
  const { now } = moment;
  const made: Made = { made: false, onConsole: [] };
  const find = db.prepare<[string], AlarmRow>('SELECT key, news, anchor, told FROM notice_alarms WHERE key = ?');
  const put = db.prepare(
    `INSERT INTO notice_alarms (key, news, anchor, told, next_at) VALUES (?, ?, ?, ?, NULL)
     ON CONFLICT (key) DO UPDATE SET news = excluded.news`,
  );
  for (const each of news) {
    if (each.happened === 'cleared') {
      clear(db, settings, each, now, made);
      continue;
    }
    // Deliveries from before an alarm of the same key ended are older than its new beginning.
    const anchor = live ? now : Math.min(now, each.sinceMs);
    put.run(each.key, JSON.stringify(each), anchor, '{}');
    if (each.acknowledged) drop(db, each.key, 'ACKNOWLEDGED');
    const row = find.get(each.key);
    if (row) escalate(db, settings, row, moment, made);
  }
  if (whole) {
    const open = new Set(news.map(({ key }) => key));
    const gone = db.prepare<[], AlarmRow>('SELECT key, news, anchor, told FROM notice_alarms').all();
    for (const { key, news: last } of gone) {
      if (!open.has(key)) clear(db, settings, { ...(JSON.parse(last) as AlarmNews), happened: 'cleared' }, now, made);
    }
  }
  return { ...made, nextAt: nextEscalation(db) };
};

/** Asks the rule about every alarm whose moment has come. */
const tick: Write<Moment, Decided> = (db, moment) => {
  const { settings } = readSettings(db);
  const made: Made = { made: false, onConsole: [] };
  const rows = db
    .prepare<[number, number], AlarmRow>(
      'SELECT key, news, anchor, told FROM notice_alarms WHERE next_at <= ? ORDER BY next_at LIMIT ?',
    )
    .all(moment.now, MOST_AT_ONCE);
  for (const row of rows) escalate(db, settings, row, moment, made);
  return { ...made, nextAt: nextEscalation(db) };
};

/** Rows that go out as one message, before it goes out. */
const begin: Write<{ readonly seqs: readonly number[]; readonly batch: string }, void> = (db, { seqs, batch }) => {
  const join = db.prepare(`UPDATE notice_deliveries SET batch = ? WHERE seq = ? AND state = 'waiting' AND batch IS NULL`);
  for (const seq of seqs) join.run(batch, seq);
};

export interface Ended {
  readonly seqs: readonly number[];
  readonly state: Delivery['state'];
  readonly at: number;
  /** For `waiting`: when it is tried again. */
  readonly nextAt: number;
  readonly tried: boolean;
  readonly code: string;
  readonly answer: string;
}
/** What came of one try. */
const outcome: Write<Ended, void> = (db, { seqs, state, at, nextAt, tried, code, answer }) => {
  const end = db.prepare(
    `UPDATE notice_deliveries SET state = ?, next_at = ?, tries = tries + ?, sent_at = ?, code = ?, answer = ?
     WHERE seq = ? AND state = 'waiting'`,
  );
  for (const seq of seqs) end.run(state, nextAt, tried ? 1 : 0, state === 'sent' ? at : null, code, answer, seq);
};

/** The record of a test: it went out at once and is not tried again. */
const tested: Write<
  Asker & {
    id: string;
    channel: string;
    people: readonly string[];
    news: AlarmNews;
    sent: boolean;
    code: string;
    answer: string;
    at: number;
  },
  void
> = (db, { by, address, id, channel, people, news, sent, code, answer, at }, context) => {
  db.prepare(
    `INSERT INTO notice_deliveries (id, what, alarm, news, channel, people, step, state, created_at, next_at, sent_at, tries, code, answer)
     VALUES (?, 'test', ?, ?, ?, ?, '', ?, ?, ?, ?, 1, ?, ?)`,
  ).run(
    id,
    news.key,
    JSON.stringify(news),
    channel,
    JSON.stringify(people),
    sent ? 'sent' : 'failed',
    at,
    at,
    sent ? at : null,
    code,
    answer,
  );
  const details = { code, address };
  appendAudit(db, { at: context.nowMs, person: by, action: 'notice.test', object: channel, outcome: 'done', details });
  context.changed('audit');
};

export interface StoreSettings extends Asker {
  readonly settings: NoticeSettings;
  readonly ifVersion: number;
  /** Sealed; null removes. */
  readonly secrets: ReadonlyArray<{ readonly channel: string; readonly name: string; readonly sealed: Uint8Array | null }>;
}
/** @throws HallError CONFLICT. */
const store: Write<StoreSettings, { version: number }> = (db, { by, address, settings, ifVersion, secrets }, context) => {
  const { version } = readSettings(db);
  if (version !== ifVersion) throw new HallError('CONFLICT', { field: 'if-match', expected: `"${version}"` });
  db.prepare(
    `INSERT INTO notice_settings (only, ver, value) VALUES (1, ?, ?)
     ON CONFLICT (only) DO UPDATE SET ver = excluded.ver, value = excluded.value`,
  ).run(version + 1, JSON.stringify(settings));
  const put = db.prepare(
    `INSERT INTO notice_secrets (channel, name, sealed) VALUES (?, ?, ?)
     ON CONFLICT (channel, name) DO UPDATE SET sealed = excluded.sealed`,
  );
  const remove = db.prepare('DELETE FROM notice_secrets WHERE channel = ? AND name = ?');
  for (const { channel, name, sealed } of secrets) {
    if (sealed === null) remove.run(channel, name);
    else put.run(channel, name, Buffer.from(sealed));
  }
  const ids = JSON.stringify(settings.channels.map(({ id }) => id));
  db.prepare('DELETE FROM notice_secrets WHERE channel NOT IN (SELECT value FROM json_each(?))').run(ids);
  db.prepare(
    `UPDATE notice_deliveries SET state = 'dropped', code = 'CHANNEL_REMOVED'
     WHERE state = 'waiting' AND channel NOT IN (SELECT value FROM json_each(?))`,
  ).run(ids);
  // Every open alarm is asked about once more under the new steps.
  db.prepare('UPDATE notice_alarms SET next_at = 0').run();
  const details = {
    channels: settings.channels.map(({ id, kind }) => `${id} ${kind}`),
    steps: settings.steps.length,
    secrets: secrets.map(({ channel, name, sealed }) => `${sealed === null ? 'removed' : 'set'} ${channel}/${name}`),
    address,
  };
  appendAudit(db, {
    at: context.nowMs,
    person: by,
    action: 'notice.change',
    object: `version ${version + 1}`,
    outcome: 'done',
    details,
  });
  context.changed('audit');
  return { version: version + 1 };
};

const retain: Write<{ readonly before: number; readonly limit: number }, { removed: number }> = (db, { before, limit }) => ({
  removed: db
    .prepare(
      `DELETE FROM notice_deliveries WHERE seq IN
         (SELECT seq FROM notice_deliveries WHERE created_at < ? AND state <> 'waiting' LIMIT ?)`,
    )
    .run(before, limit).changes,
});

export const noticeWrites = {
  'notices.take': take,
  'notices.tick': tick,
  'notices.begin': begin,
  'notices.outcome': outcome,
  'notices.tested': tested,
  'notices.store': store,
  'notices.retain': retain,
} as const;
