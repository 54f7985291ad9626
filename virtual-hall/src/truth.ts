/** What every strip should show: the rules of the model over the platform's own events, apart from anything the product says. */
import { createHash } from 'node:crypto';
import type {
  Clock,
  Device,
  HallContent,
  HallEvent,
  HeldField,
  Picture,
  PlatformSnapshot,
  ScreenPlan,
  WindowLive,
} from '@hall/contracts';
import { HallFold, boundFields, parseSnapshot, planFor, showing, tablesOf } from '@hall/model';
import type { PlatformEvent } from '@hall/simulators';
import { drawPicture, drawScene, drawingChangesAt } from '@hall/templates';
import { onbonK } from '@hall/wire';
import type { Span } from './classify.ts';

/** Two pictures have the same key exactly when every pixel is the same. */
export const pictureKey = ({ widthPx, heightPx, pixels }: Picture): string =>
  createHash('sha1').update(`${widthPx}x${heightPx} `).update(pixels).digest('base64url');

/** The clocks of server and agents differ by this much at most, ms of machine time: so much earlier may a strip follow the clock. */
const CLOCK_SLACK_MS = 250;
/** Spans that ended longer ago than any verdict looks back are forgotten, ms. */
const REMEMBERED_MS = 600_000;

interface Strip {
  readonly device: Device;
  readonly plan: ScreenPlan;
  readonly charset: onbonK.Charset;
  readonly fields: readonly string[];
  readonly neutral: string;
  spans: Stretch[];
}

interface Stretch extends Span {
  readonly change: number;
  /** The next hall time at which the picture changes by itself, and what it is then. */
  next: { readonly hallMs: number; readonly key: string } | undefined;
}

interface Drawn {
  readonly key: string;
  readonly nextHallMs: number | undefined;
}

export interface Truth {
  /** An event leaves the platform. Answers the strips whose picture changes with it. */
  sent(event: PlatformEvent): readonly string[];
  snapshotSent(snapshot: PlatformSnapshot): void;
  /** The server has answered for the next `count` events or snapshots, in the order in which they were sent. */
  acknowledged(count: number): void;
  /** Looks at the clock: a promised return or an opening may have passed. `expected` does so for its strip. */
  tick(): void;
  /** Pictures that should be, or were lately to be, on the strip, and one that is due this very moment. */
  expected(device: string): readonly Span[];
  /** The neutral picture of the strip. */
  neutral(device: string): string;
  /** The present value of a window. */
  window(id: string): WindowLive | undefined;
  /** The strips of a window. */
  stripsOf(window: string): readonly string[];
}

/** The event as intake would store it; names are left out, since no rule reads them. */
export function hallEvent({ id, source, type, subject = '', time, sequence, data }: PlatformEvent): HallEvent {
  return { id, source, type, subject, time: Date.parse(time), sequence: Number(sequence ?? 0), data } as HallEvent;
}

/** The truth about all strips of the content with a plan we know. `speed`: hall ms per machine ms, as in the clock. */
export function createTruth(content: HallContent, clock: Clock, speed = 1): Truth {
  const fold = new HallFold(content);
  const tables = tablesOf(content);
  const strips = new Map<string, Strip>();
  const byField = new Map<string, string[]>();
  const byWindow = new Map<string, string[]>();
  let sentCount = 0;
  let acknowledgedCount = 0;

  function drawn(
    { device, plan, charset }: Pick<Strip, 'device' | 'plan' | 'charset'>,
    live: ReadonlyMap<string, HeldField>,
    hallMs: number,
  ): Drawn {
    const { screen } = device;
    const { regions, nextHallMs: nextLayerMs } = showing(plan, live, { hallMs, machineMs: clock.machine.nowMs() });
    const [region] = regions;
    if (!screen || !region) throw new RangeError(`${device.id} has no screen`);
    const key = pictureKey(
      drawPicture(drawScene(region, tables, hallMs, screen), (text) => onbonK.encodeText(text, charset).shown),
    );
    const changesMs = [nextLayerMs, drawingChangesAt(region, tables, hallMs)].filter((time) => time !== undefined);
    return { key, nextHallMs: changesMs.length === 0 ? undefined : Math.min(...changesMs) };
  }

  /** All fields as if renewed this very moment. */
  function liveOf(fields: readonly string[]): ReadonlyMap<string, HeldField> {
    const renewedAtMs = clock.machine.nowMs();
    const held = new Map<string, HeldField>();
    for (const key of fields) {
      const [kind, id = ''] = key.split('/');
      const value = kind === 'window' ? fold.windowLive(id) : fold.queueLive(id);
      if (value) held.set(key, { renewedAtMs, field: { key, seq: 1, sourceTime: 0, value } });
    }
    return held;
  }

  function refresh(strip: Strip, change: number, earlyMs = 0): boolean {
    const live = liveOf(strip.fields);
    const { key, nextHallMs } = drawn(strip, live, clock.hall.nowMs());
    const next = nextHallMs === undefined ? undefined : { hallMs: nextHallMs, key: drawn(strip, live, nextHallMs).key };
    const nowMs = clock.machine.nowMs();
    const last = strip.spans.at(-1);
    if (last?.key === key) {
      last.next = next;
      return false;
    }
    strip.spans = strip.spans.filter(({ endedMs = nowMs }) => endedMs > nowMs - REMEMBERED_MS);
    strip.spans.push({ key, fromMs: nowMs - earlyMs, change, next });
    closeSpans(strip, nowMs);
    return true;
  }
  /** Follows the clock. */
  function catchUp(strip: Strip): void {
    const next = strip.spans.at(-1)?.next;
    if (next && clock.hall.nowMs() >= next.hallMs) refresh(strip, acknowledgedCount, CLOCK_SLACK_MS);
  }
  /** A picture ends when the change that replaced it was acknowledged. */
  function closeSpans({ spans }: Strip, nowMs: number): void {
    for (let at = 0; at < spans.length - 1; at += 1) {
      const span = spans[at];
      const next = spans[at + 1];
      if (span && next && span.endedMs === undefined && next.change <= acknowledgedCount) span.endedMs = nowMs;
    }
  }
  function refreshFields(keys: Iterable<string>): string[] {
    const changed: string[] = [];
    for (const id of new Set([...keys].flatMap((key) => byField.get(key) ?? []))) {
      const strip = strips.get(id);
      if (strip && refresh(strip, sentCount)) changed.push(id);
    }
    return changed;
  }
  function add(map: Map<string, string[]>, key: string, id: string): void {
    const list = map.get(key);
    if (list) list.push(id);
    else map.set(key, [id]);
  }

  for (const device of content.devices) {
    const plan = device.driver === 'onbon-k' ? planFor(device, content) : undefined;
    if (!plan) continue;
    const charset = device.settings['charset'] === 'gbk' ? 'gbk' : 'gb2312';
    const fields = boundFields(plan);
    const neutral = drawn({ device, plan, charset }, new Map(), clock.hall.nowMs()).key;
    const strip: Strip = { device, plan, charset, fields, neutral, spans: [] };
    strips.set(device.id, strip);
    for (const key of fields) add(byField, key, device.id);
    if (device.screen?.window !== undefined) add(byWindow, device.screen.window, device.id);
    refresh(strip, 0);
  }

  return {
    sent(event) {
      sentCount += 1;
      const { windows, services } = fold.apply(hallEvent(event));
      return refreshFields([...windows.map((id) => `window/${id}`), ...services.map((id) => `queue/${id}`)]);
    },
    snapshotSent(snapshot) {
      sentCount += 1;
      fold.applySnapshot(parseSnapshot(snapshot));
      refreshFields(byField.keys());
    },
    acknowledged(count) {
      acknowledgedCount += count;
      const nowMs = clock.machine.nowMs();
      for (const strip of strips.values()) closeSpans(strip, nowMs);
    },
    tick() {
      for (const strip of strips.values()) catchUp(strip);
    },
    expected(device) {
      const strip = strips.get(device);
      if (!strip) return [];
      catchUp(strip);
      const fromMs = clock.machine.nowMs() - CLOCK_SLACK_MS;
      const latestHallMs = clock.hall.nowMs() + CLOCK_SLACK_MS * speed;
      // What the clock makes of a picture is right as long as that picture is, also when an event has overtaken it meanwhile.
      const byClock = strip.spans.flatMap(({ next, endedMs }): Span[] =>
        next && next.hallMs <= latestHallMs ? [{ key: next.key, fromMs, ...(endedMs === undefined ? {} : { endedMs }) }] : [],
      );
      return [...strip.spans, ...byClock];
    },
    neutral: (device) => strips.get(device)?.neutral ?? '',
    window: (id) => fold.windowLive(id),
    stripsOf: (window) => byWindow.get(window) ?? [],
  };
}
