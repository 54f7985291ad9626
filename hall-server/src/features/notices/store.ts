/** Reads of notices: settings, secrets as they are sealed, deliveries. Used on the main thread and, in part, in the worker. */
import type { AlarmNews, ConsoleNotice, Delivery, NoticeSettings } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';
import type { WaitingRow } from './pace.ts';

/** Nothing waits longer than this to be sent, ms. */
const DAY_MS = 86_400_000;

/** Until somebody sets something: urgent and high alarms appear on the console at once. */
export const defaultSettings: NoticeSettings = {
  channels: [{ id: 'console', kind: 'console', name: '控制台', enabled: true, language: 'both', perMinute: 600 }],
  people: [],
  steps: [{ id: 'console', priorities: [1, 2], afterMin: 0, channels: ['console'], people: [], repeatMin: 0, repeats: 0 }],
  quiet: [3],
  tellCleared: true,
};

export interface HeldSettings {
  readonly version: number;
  readonly settings: NoticeSettings;
}
/** The settings in force; version 0 are the defaults. */
export function readSettings(db: Database): HeldSettings {
  const row = db.prepare<[], { ver: number; value: string }>('SELECT ver, value FROM notice_settings').get();
  return row
    ? { version: row.ver, settings: JSON.parse(row.value) as NoticeSettings }
    : { version: 0, settings: defaultSettings };
}

/** The earliest moment at which an alarm's rule is to be asked, Unix ms. */
export const nextEscalation = (db: Database): number | null =>
  db.prepare<[], number | null>('SELECT min(next_at) FROM notice_alarms').pluck().get() ?? null;

export interface DeliveryRow extends WaitingRow {
  readonly id: string;
  readonly what: Delivery['what'];
  readonly news: AlarmNews;
  readonly people: readonly string[];
  readonly createdAt: number;
  readonly tries: number;
}
interface StoredDelivery {
  readonly seq: number;
  readonly id: string;
  readonly what: Delivery['what'];
  readonly alarm: string;
  readonly news: string;
  readonly channel: string;
  readonly people: string;
  readonly step: string;
  readonly state: Delivery['state'];
  readonly created_at: number;
  readonly next_at: number;
  readonly sent_at: number | null;
  readonly tries: number;
  readonly batch: string | null;
  readonly code: string | null;
  readonly answer: string | null;
}
export interface SealedSecret {
  readonly channel: string;
  readonly name: string;
  readonly sealed: Uint8Array;
}

export interface NoticeStore {
  settings(): HeldSettings;
  secrets(): SealedSecret[];
  nextEscalation(): number | null;
  /** Channels for which something waits, and how much. */
  waiting(): Map<string, number>;
  /** What waits for a channel, oldest first; 500 at most. */
  waitingFor(channel: string): DeliveryRow[];
  /** Moments at which a channel sent since then. */
  sentSince(channel: string, since: number): number[];
  lastSent(channel: string): number | null;
  /** Newest first. `name` gives the name of a person by id. */
  deliveries(query: { before?: number; channel?: string; limit: number }, name: (id: string) => string): Delivery[];
  /** What went to channels that are the console itself, newest first. */
  onConsole(channels: readonly string[], limit: number): ConsoleNotice[];
}

export function createNoticeStore(db: Database): NoticeStore {
  const secrets = db.prepare<[], SealedSecret>('SELECT channel, name, sealed FROM notice_secrets');
  const waiting = db.prepare<[], { channel: string; n: number }>(
    `SELECT channel, count(*) AS n FROM notice_deliveries WHERE state = 'waiting' GROUP BY channel`,
  );
  const waitingFor = db.prepare<[string], StoredDelivery>(
    `SELECT * FROM notice_deliveries WHERE state = 'waiting' AND channel = ? ORDER BY seq LIMIT 500`,
  );
  const sentSince = db
    .prepare<{ channel: string; since: number; day: number }, number>(
      `SELECT max(sent_at) FROM notice_deliveries
       WHERE channel = :channel AND state = 'sent' AND created_at > :day AND sent_at > :since GROUP BY coalesce(batch, id)`,
    )
    .pluck();
  const lastSent = db
    .prepare<[string], number | null>(`SELECT max(sent_at) FROM notice_deliveries WHERE channel = ? AND state = 'sent'`)
    .pluck();
  const page = db.prepare<{ before: number; channel: string | null; limit: number }, StoredDelivery & { merged: number }>(
    `SELECT d.*, iif(batch IS NULL, 1, (SELECT count(*) FROM notice_deliveries b WHERE b.batch = d.batch)) AS merged
     FROM notice_deliveries d WHERE seq < :before AND (:channel IS NULL OR channel = :channel) ORDER BY seq DESC LIMIT :limit`,
  );
  const onConsole = db.prepare<[string, number], StoredDelivery>(
    `SELECT * FROM notice_deliveries WHERE channel IN (SELECT value FROM json_each(?)) AND state = 'sent' ORDER BY seq DESC LIMIT ?`,
  );
  const newsOf = ({ news }: StoredDelivery) => JSON.parse(news) as AlarmNews;
  return {
    settings: () => readSettings(db),
    secrets: () => secrets.all(),
    nextEscalation: () => nextEscalation(db),
    waiting: () => new Map(waiting.all().map(({ channel, n }) => [channel, n])),
    waitingFor: (channel) =>
      waitingFor.all(channel).map((row) => ({
        seq: row.seq,
        id: row.id,
        what: row.what,
        news: newsOf(row),
        people: JSON.parse(row.people) as string[],
        createdAt: row.created_at,
        tries: row.tries,
        nextAt: row.next_at,
        batch: row.batch,
        sameAs: `${row.what === 'cleared' ? 'cleared' : 'raised'} ${row.people}`,
      })),
    sentSince: (channel, since) => sentSince.all({ channel, since, day: since - DAY_MS }),
    lastSent: (channel) => lastSent.get(channel) ?? null,
    deliveries: ({ before = Number.MAX_SAFE_INTEGER, channel = null, limit }, name) =>
      page.all({ before, channel, limit }).map((row) => {
        const news = newsOf(row);
        return {
          seq: row.seq,
          id: row.id,
          what: row.what,
          alarm: row.alarm,
          priority: news.priority,
          title: news.title,
          channel: row.channel,
          people: (JSON.parse(row.people) as string[]).map(name),
          step: row.step,
          state: row.state,
          createdAt: row.created_at,
          nextAt: row.state === 'waiting' ? row.next_at : null,
          sentAt: row.sent_at,
          tries: row.tries,
          code: row.code,
          answer: row.answer,
          merged: row.merged,
        };
      }),
    onConsole: (channels, limit) => onConsole.all(JSON.stringify(channels), limit).map(consoleNotice),
  };
}

/** A delivery to the console as its readers see it. */
export function consoleNotice({ seq, what, news, created_at: at }: Pick<StoredDelivery, 'seq' | 'what' | 'news' | 'created_at'>) {
  const { key: alarm, priority, title, firstStep } = JSON.parse(news) as AlarmNews;
  return { seq, at, what, alarm, priority, title, firstStep } satisfies ConsoleNotice;
}
