/** Reads of the hall content. Used on the main thread and, through `readContent`, in the writer worker. */
import { contentKinds, type HallCalendar, type HallContent, type HallSettings } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';

/** A version of the content; 0 before anything was stored. */
export interface ContentVersion {
  readonly ver: number;
  readonly at: number;
  readonly person: string;
  readonly changes: unknown;
}

const WORKDAY = [
  { from: '09:00', to: '12:00' },
  { from: '13:30', to: '17:00' },
];

/** A hall of which nothing is known yet: no windows, usual hours. */
export const emptyContent: HallContent = {
  settings: {
    zh: '政务服务大厅',
    en: 'Service hall',
    staffNamePolicy: 'surname',
    liveMaxAgeS: 30,
    safeAfterS: 300,
    feedMaxAgeS: 60,
  },
  calendar: {
    zone: 'Asia/Shanghai',
    week: [WORKDAY, WORKDAY, WORKDAY, WORKDAY, WORKDAY, [], []],
    tailMinutes: 30,
    lunchWindows: [],
    holidays: [],
    makeUpDays: [],
    windowHours: [],
  },
  departments: [],
  services: [],
  staff: [],
  windows: [],
  devices: [],
};

/** The whole content as it is now; {@link emptyContent} where nothing was stored. */
export function readContent(db: Database): HallContent {
  const rows = db
    .prepare<[], { kind: string; value: string }>('SELECT kind, value FROM content_items ORDER BY kind, position')
    .all();
  const of = (kind: string) => rows.filter((row) => row.kind === kind).map(({ value }) => JSON.parse(value) as unknown);
  const lists = Object.fromEntries(contentKinds.map((kind) => [kind, of(kind)])) as unknown as Pick<
    HallContent,
    (typeof contentKinds)[number]
  >;
  return {
    settings: (of('settings')[0] as HallSettings | undefined) ?? emptyContent.settings,
    calendar: (of('calendar')[0] as HallCalendar | undefined) ?? emptyContent.calendar,
    ...lists,
  };
}

/** A reader of the version of the content, which grows by one with every change. */
export function contentVersions(db: Database): () => number {
  const newest = db.prepare<[], number | null>('SELECT max(ver) FROM content_versions').pluck();
  return () => newest.get() ?? 0;
}

/** The record of changes, newest first. */
export const contentHistory = (db: Database, limit: number): ContentVersion[] =>
  db
    .prepare<[number], { ver: number; at: number; person: string; changes: string }>(
      'SELECT ver, at, person, changes FROM content_versions ORDER BY ver DESC LIMIT ?',
    )
    .all(limit)
    .map((row) => ({ ...row, changes: JSON.parse(row.changes) as unknown }));
