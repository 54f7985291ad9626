/** From a plan, live fields and a moment to what a device is to show. Pure. */
import type { Freshness, HeldField, Live, LiveField, Moment, RegionShowing, ScreenPlan, Tables } from '@hall/contracts';
import { boundFields, showing } from '@hall/model';
import { boardView, drawScene, drawingChangesAt, sceneHash, sceneText, type Scene, type Size } from '@hall/templates';
import { plainPanel, type Basis, type Drawing, type Panel } from '../drivers/driver.ts';
import type { LiveSet } from '../live/live-set.ts';
import { firstLeak, neutralRegion } from './leak-guard.ts';
import { OVERRIDE_LAYER } from './overlay.ts';

export interface Decision {
  readonly drawing: Drawing;
  readonly basis: Basis;
  /** What would have leaked; the drawing is a neutral one then. */
  readonly leak: string | undefined;
  /** The next moments at which the answer can change by itself. */
  readonly nextMachineMs?: number;
  readonly nextHallMs?: number;
}

const strength: Readonly<Record<Freshness, number>> = { static: 0, live: 1, stale: 2, safe: 3 };

/** Stands for a field that was never received. It has no age at which it could be believed, so it is never drawn. */
const never: Omit<LiveField, 'key'> = { seq: 1, sourceTime: 0, value: { kind: 'queue', service: 'none', waiting: 0, next: [] } };

/**
 * The live fields of a plan as `showing` wants them. What is only known from before a restart counts as just run out: its
 * age is unknown, so it is stale from `startedMs` on and safe after the plan's time. So is a screen that has no field at all.
 */
export function liveFor(plan: ScreenPlan, set: LiveSet, startedMs: number): Live {
  const live = new Map<string, HeldField>();
  const keys = boundFields(plan);
  const ranOutMs = startedMs - plan.maxAgeMs;
  for (const key of keys) {
    const entry = set.entries.get(key);
    if (entry) live.set(key, { field: entry.field, renewedAtMs: entry.renewedAtMs ?? ranOutMs });
  }
  if (live.size === 0) for (const key of keys) live.set(key, { field: { key, ...never }, renewedAtMs: ranOutMs });
  return live;
}

export interface Facts {
  readonly plan: ScreenPlan;
  readonly size: Size;
  readonly tables: Tables;
  readonly live: Live;
  readonly moment: Moment;
  /** Wall time now, Unix ms. */
  readonly wallMs: number;
  /** What the overrides want of the panel; `plan` has their layer. Default: nothing. */
  readonly panel?: Panel;
}

/** What the device is to show. A text that could identify a person is never drawn: the neutral picture stands in. */
export function decide({ plan, size, tables, live, moment, wallMs, panel = plainPanel }: Facts): Decision {
  const { regions, nextMachineMs, nextHallMs: nextLayerMs } = showing(plan, live, moment);
  const nextHallMs = earliest([nextLayerMs, ...regions.map((region) => drawingChangesAt(region, tables, moment.hallMs))]);
  const drawn = drawAll(regions, tables, moment.hallMs, size);
  const leak = firstLeak(drawn);
  const isOver = leak === undefined && regions.some(({ layer }) => layer === OVERRIDE_LAYER);
  const safe = leak === undefined ? drawn : neutralOf(plan, regions, tables, moment.hallMs, size);
  const fields: Record<string, number> = {};
  for (const { values } of regions) {
    for (const key of Object.keys(values)) {
      const held = live.get(key);
      if (held) fields[key] = held.field.seq;
    }
  }
  const freshness =
    regions.map((region) => region.freshness).toSorted((one, other) => strength[other] - strength[one])[0] ?? 'static';
  return {
    drawing: {
      ...safe,
      hash: sceneHash(safe.scene),
      text: sceneText(safe.scene),
      decidedAt: wallMs,
      maxAgeMs: plan.maxAgeMs,
      panel: isOver ? panel : uncovered(panel),
    },
    basis: { freshness, fields },
    leak,
    ...(nextMachineMs === undefined ? {} : { nextMachineMs }),
    ...(nextHallMs === undefined ? {} : { nextHallMs }),
  };
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/**
 * Machine time at which the first of these fields grows too old, unless it is renewed before, ms. One that is no longer held
 * is too old already. Undefined for no fields.
 */
export function vouchedUntil(fields: Basis['fields'], maxAgeMs: number, set: LiveSet): number | undefined {
  const times = Object.keys(fields).map((key) => (set.entries.get(key)?.renewedAtMs ?? Number.NEGATIVE_INFINITY) + maxAgeMs);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Whether one of these fields is held with another value than the one that was drawn. */
export const isOvertaken = (fields: Basis['fields'], set: LiveSet): boolean =>
  Object.entries(fields).some(([key, seq]) => (set.entries.get(key)?.field.seq ?? seq) !== seq);

/** Whether a device that was given `one` need not be given `other`. The clock of a board goes by itself. */
export function isSameDrawing(one: Drawing, other: Drawing): boolean {
  return (
    one.hash === other.hash &&
    one.maxAgeMs === other.maxAgeMs &&
    isSamePanel(one.panel, other.panel) &&
    boardKey(one) === boardKey(other)
  );
}
const isSamePanel = (one: Panel, other: Panel): boolean =>
  one.on === other.on && one.brightness === other.brightness && one.passing === other.passing;
const boardKey = ({ board }: Drawing): string =>
  JSON.stringify(board, (key, value: unknown) => (key === 'clock' || key === 'date' || key === 'freshCall' ? undefined : value));

/** The panel where the override is not what is seen: an emergency is over it, and no override may darken that. */
const uncovered = ({ brightness }: Panel): Panel => ({ on: true, ...(brightness === undefined ? {} : { brightness }) });

type Drawn = Pick<Drawing, 'scene' | 'board'>;

function drawAll(regions: readonly RegionShowing[], tables: Tables, hallMs: number, size: Size): Drawn {
  const scenes = regions.map((region) => drawScene(region, tables, hallMs, size));
  const [first] = regions;
  if (!first) throw new RangeError('a plan has at least one region');
  return { scene: together(scenes, size), board: boardView(first, tables, hallMs) };
}

/** The regions of one screen in one scene; places keep their numbers unless two regions use the same. */
function together(scenes: readonly Scene[], { widthPx, heightPx }: Size): Scene {
  const [only] = scenes;
  if (only && scenes.length === 1) return only;
  return { widthPx, heightPx, items: scenes.flatMap(({ items }) => items).map((item, area) => ({ ...item, area })) };
}

function neutralOf(plan: ScreenPlan, regions: readonly RegionShowing[], tables: Tables, hallMs: number, size: Size): Drawn {
  const neutral = drawAll(
    regions.map((region) => neutralRegion(plan, region)),
    tables,
    hallMs,
    size,
  );
  if (firstLeak(neutral) === undefined) return neutral;
  const board = { ...neutral.board, title: { zh: '', en: '' }, rows: [], recentCalls: [], queues: [], openingHours: [] };
  delete board.notice;
  return { scene: { ...neutral.scene, items: [] }, board: { ...board, kind: 'neutral' } };
}
