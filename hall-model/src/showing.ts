/**
 * What a screen shows: a pure function of its plan, the live fields held and both times. The server previews with it, the
 * agent draws from it, the checker judges by it.
 */
import {
  layerClasses,
  type Content,
  type Freshness,
  type Layer,
  type LayerClass,
  type Live,
  type LiveValue,
  type Moment,
  type RegionShowing,
  type ScreenPlan,
  type Showing,
} from '@hall/contracts';
import { BLANK } from './plan.ts';

const RANK = Object.fromEntries(layerClasses.map((name, rank) => [name, rank])) as Record<LayerClass, number>;

/** Strongest first. Ids only decide between layers that break the rule of unique `seq`. */
const strongerFirst = (a: Layer, b: Layer): number =>
  RANK[a.class] - RANK[b.class] || b.seq - a.seq || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** The earliest moment still to come; moments in the past and absent ones do not count. */
class Next {
  readonly #after: number;
  at = Infinity;

  constructor(after: number) {
    this.#after = after;
  }

  consider(at: number | undefined): void {
    if (at !== undefined && at > this.#after && at < this.at) this.at = at;
  }
}

/** When the oldest held field that the content is bound to was renewed; undefined where none is held. */
function oldestRenewal(bindings: readonly string[], live: Live): number | undefined {
  let oldest: number | undefined;
  for (const key of bindings) {
    const held = live.get(key);
    if (held && (oldest === undefined || held.renewedAtMs < oldest)) oldest = held.renewedAtMs;
  }
  return oldest;
}

interface Choice {
  readonly content: Content | undefined;
  readonly freshness: Freshness;
}

/**
 * What a layer would show: its content while every bound field it holds is younger than `maxAgeMs`, then `stale`, and
 * `safe` after `safeAfterMs` more. A layer none of whose fields was ever received is stale at once. No content means the
 * layer steps back for the next one.
 */
function choose(layer: Layer, plan: ScreenPlan, live: Live, machineMs: number, next: Next): Choice {
  const { content, stale } = layer;
  if (content.bindings.length === 0) return { content, freshness: 'static' };
  const renewedAt = oldestRenewal(content.bindings, live);
  if (renewedAt === undefined) return { content: stale, freshness: 'stale' };
  const staleAt = renewedAt + plan.maxAgeMs;
  const safeAt = staleAt + plan.safeAfterMs;
  if (machineMs < staleAt) {
    next.consider(staleAt);
    return { content, freshness: 'live' };
  }
  if (!layer.safe) return { content: stale, freshness: 'stale' };
  if (machineMs < safeAt) {
    next.consider(safeAt);
    return { content: stale, freshness: 'stale' };
  }
  return { content: layer.safe, freshness: 'safe' };
}

/** The values of the fresh bound fields only. */
function valuesOf(content: Content, plan: ScreenPlan, live: Live, machineMs: number, next: Next): Record<string, LiveValue> {
  const values: Record<string, LiveValue> = {};
  for (const key of content.bindings) {
    const held = live.get(key);
    if (!held || machineMs >= held.renewedAtMs + plan.maxAgeMs) continue;
    values[key] = held.field.value;
    next.consider(held.renewedAtMs + plan.maxAgeMs);
  }
  return values;
}

type Reason = RegionShowing['reasons'][number];

function showRegion(
  region: ScreenPlan['regions'][number],
  plan: ScreenPlan,
  live: Live,
  moment: Moment,
  nextMachine: Next,
  nextHall: Next,
): RegionShowing {
  const { hallMs, machineMs } = moment;
  const reasons: Reason[] = [];
  let shown: Omit<RegionShowing, 'reasons'> | undefined;
  for (const layer of region.layers.toSorted(strongerFirst)) {
    const { id, validFrom, validTo } = layer;
    const because = (verdict: Reason['verdict']) =>
      reasons.push({ layer: id, verdict, source: `${layer.source.kind}:${layer.source.id}` });
    nextHall.consider(validFrom);
    nextHall.consider(validTo);
    if (validTo !== undefined && hallMs >= validTo) {
      because('over');
    } else if (validFrom !== undefined && hallMs < validFrom) {
      because('not_yet');
    } else if (shown) {
      because('weaker');
    } else {
      const { content, freshness } = choose(layer, plan, live, machineMs, nextMachine);
      if (freshness === 'stale' || freshness === 'safe') because(freshness);
      else because('shown');
      if (!content) continue;
      const values = valuesOf(content, plan, live, machineMs, nextMachine);
      shown = { region: region.id, layer: id, class: layer.class, content, freshness, values };
    }
  }
  shown ??= { region: region.id, layer: 'none', class: 'default', content: BLANK, freshness: 'static', values: {} };
  return { ...shown, reasons };
}

/**
 * What the screen shows at a moment: one layer per region. Valid layers compete by class, then by `seq`; a valid layer
 * whose fields ran out shows its own neutral or safe content. While an emergency is shown, every other region is blank.
 * Nothing of the answer changes by itself before `nextMachineMs` (age) and `nextHallMs` (clock).
 */
export function showing(plan: ScreenPlan, live: Live, moment: Moment): Showing {
  const nextMachine = new Next(moment.machineMs);
  const nextHall = new Next(moment.hallMs);
  let regions = plan.regions.map((region) => showRegion(region, plan, live, moment, nextMachine, nextHall));
  if (regions.some((region) => region.class === 'emergency')) {
    regions = regions.map((region) =>
      region.class === 'emergency'
        ? region
        : {
            ...region,
            layer: 'none',
            class: 'default',
            content: BLANK,
            freshness: 'static',
            values: {},
            reasons: weakened(region),
          },
    );
  }
  return {
    regions,
    ...(nextMachine.at === Infinity ? {} : { nextMachineMs: nextMachine.at }),
    ...(nextHall.at === Infinity ? {} : { nextHallMs: nextHall.at }),
  };
}

/** Why nothing of the region is shown beside an emergency. */
const weakened = ({ reasons }: RegionShowing): Reason[] =>
  reasons.map((reason) =>
    reason.verdict === 'over' || reason.verdict === 'not_yet' ? reason : { ...reason, verdict: 'weaker' as const },
  );
