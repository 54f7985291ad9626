/** The picture of a strip from what the server knows of it: the same drawing as on the strip, with the lines it was told. */
import {
  TICKET_PATTERN,
  type Freshness,
  type RegionShowing,
  type Tables,
  type WindowLive,
  type WindowView,
} from '@hall/contracts';
import { drawScene, sceneText, type Scene, type Size } from '@hall/templates';

const ticketRule = new RegExp(TICKET_PATTERN);
type Strip = WindowView['strips'][number];

const optional = <K extends string, V>(key: K, value: V | null | undefined): Partial<Record<K, V>> =>
  value === null || value === undefined ? {} : ({ [key]: value } as Record<K, V>);

const byId = <T extends { id: string; zh: string; en?: string }>(rows: readonly T[]) =>
  Object.fromEntries(rows.map(({ id, zh, en }) => [id, { zh, ...optional('en', en) }]));

function tablesOf(window: WindowView, zone: string): Tables {
  return {
    names: {
      hall: { zh: '' },
      departments: byId([window.department]),
      services: byId(window.services),
      staff: window.staff === null ? {} : { staff: window.staff },
      windows: { [window.id]: { number: window.number } },
    },
    calendar: {
      zone,
      week: [[], [], [], [], [], [], []],
      tailMinutes: 0,
      lunchWindows: [],
      holidays: [],
      makeUpDays: [],
      windowHours: [],
    },
  };
}

function liveOf(window: WindowView, ticket: string | null): WindowLive {
  return {
    kind: 'window',
    window: window.id,
    state: window.state,
    department: window.department.id,
    services: window.services.map(({ id }) => id),
    ...optional('ticket', ticket),
    ...optional('staff', window.staff === null ? null : 'staff'),
    ...optional('expectedReturnAt', window.expectedReturnAt),
    ...optional('reason', window.reason as WindowLive['reason'] | null),
  };
}

const freshnessOf = (strip: Strip): Freshness =>
  strip.freshness === 'stale' || strip.freshness === 'safe' || strip.freshness === 'static' ? strip.freshness : 'live';

function region(window: WindowView, freshness: Freshness, ticket: string | null): RegionShowing {
  const neutral = freshness === 'stale' || freshness === 'safe';
  const key = `window/${window.id}`;
  return {
    region: 'main',
    layer: 'window',
    class: 'window_state',
    content: { template: neutral ? 'strip-neutral' : 'window-strip', parameters: { window: window.id }, bindings: [key] },
    freshness,
    values: neutral ? {} : { [key]: liveOf(window, ticket) },
    reasons: [],
  };
}

/** The scene with its lines, in reading order, replaced by the lines the strip was told. */
function withLines(scene: Scene, lines: readonly string[]): Scene {
  const order = scene.items.toSorted((one, other) => one.yPx - other.yPx || one.xPx - other.xPx);
  const told = new Map(order.map((item, index) => [item.area, lines[index] ?? '']));
  return { ...scene, items: scene.items.map((item) => ({ ...item, text: told.get(item.area) ?? '' })) };
}

/**
 * What the strip was told, placed as its template places it; nothing when it was told nothing or when its lines do not fit
 * any picture of this window, for then only the words are known and not where they stand.
 */
export function toldScene(window: WindowView, strip: Strip, zone: string, hallMs: number, size: Size): Scene | undefined {
  if (strip.text.length === 0) return undefined;
  const tables = tablesOf(window, zone);
  const freshness = freshnessOf(strip);
  const tickets =
    freshness === 'live' || freshness === 'static'
      ? [window.ticket, strip.text.find((line) => ticketRule.test(line)) ?? null, null]
      : [null];
  for (const ticket of tickets) {
    const scene = drawScene(region(window, freshness, ticket), tables, hallMs, size);
    const lines = sceneText(scene);
    if (lines.length === strip.text.length) return withLines(scene, strip.text);
  }
  return undefined;
}
