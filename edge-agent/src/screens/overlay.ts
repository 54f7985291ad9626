/** What stands over the plan of a screen for a while, and what is left of the plan under it. Pure. */
import type { ActArguments, CommandEnd, Device, Layer, OverrideView, ScreenPlan } from '@hall/contracts';
import type { JournalCommand } from '../commands/sql.ts';
import type { Panel } from '../drivers/driver.ts';
import type { OverrideSlot, StoredOverride } from './overrides-sql.ts';

/** Id of the layer that is put over a plan. */
export const OVERRIDE_LAYER = 'override';

/** An override in force. */
export interface Override extends Pick<OverrideView, 'kind' | 'command' | 'percent'> {
  readonly slot: OverrideSlot;
  /** Machine time at which it ends by itself, ms; without it when it is taken back. */
  readonly endsMs?: number;
}
export type Overrides = readonly Override[];

export const inForce = (overrides: Overrides, machineMs: number): Overrides =>
  overrides.filter(({ endsMs = Number.POSITIVE_INFINITY }) => endsMs > machineMs);

/** Machine time at which the first of them ends by itself; undefined when none does. */
export function nextEndMs(overrides: Overrides): number | undefined {
  const ends = overrides.flatMap(({ endsMs }) => endsMs ?? []);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

const endOf = (seconds: number | undefined, machineMs: number) =>
  seconds === undefined ? {} : { endsMs: machineMs + seconds * 1000 };
const put = (overrides: Overrides, override: Override): Overrides => [
  ...overrides.filter(({ slot }) => slot !== override.slot),
  override,
];

/** What is in force once the command is; undefined for an act that is no override. Arguments are those of the act's schema. */
export function overridesAfter(overrides: Overrides, command: JournalCommand, machineMs: number): Overrides | undefined {
  const now = inForce(overrides, machineMs);
  const { id, act } = command;
  switch (act) {
    case 'identify':
    case 'test_pattern': {
      const { seconds } = command.arguments as ActArguments<'identify'>;
      return put(now, { slot: 'passing', kind: act, command: id, ...endOf(seconds, machineMs) });
    }
    case 'black': {
      const { on, seconds } = command.arguments as ActArguments<'black'>;
      // Whoever darkens a screen or lights it wants to see that, not the end of a test.
      const others = now.filter(({ slot }) => slot === 'brightness');
      return on ? put(others, { slot: 'black', kind: act, command: id, ...endOf(seconds, machineMs) }) : others;
    }
    case 'brightness': {
      const { percent, seconds } = command.arguments as ActArguments<'brightness'>;
      if (percent === null) return now.filter(({ slot }) => slot !== 'brightness');
      return put(now, { slot: 'brightness', kind: act, command: id, percent, ...endOf(seconds, machineMs) });
    }
    case 'restart':
    case 'clock_set':
    case 'logs_fetch':
    case 'update':
      return undefined;
  }
}

const passing = (overrides: Overrides) => overrides.find(({ slot }) => slot === 'passing');

/** What the panel itself is to be. A test or a name is seen even where the screen was darkened: somebody stands before it. */
export function panelOf(overrides: Overrides): Panel {
  const over = passing(overrides);
  const brightness = overrides.find(({ slot }) => slot === 'brightness')?.percent;
  return {
    on: over !== undefined || !overrides.some(({ slot }) => slot === 'black'),
    ...(brightness === undefined ? {} : { brightness }),
    ...(over ? { passing: over.command, endsMs: over.endsMs ?? Number.POSITIVE_INFINITY } : {}),
  };
}

/** Whether a panel is as the command wants it. */
export function isAsCommanded({ id, act, arguments: given }: JournalCommand, panel: Panel): boolean {
  switch (act) {
    case 'identify':
    case 'test_pattern':
      return panel.passing === id;
    case 'black':
      return panel.on !== (given as ActArguments<'black'>).on;
    case 'brightness':
      return (panel.brightness ?? null) === (given as ActArguments<'brightness'>).percent;
    case 'restart':
    case 'clock_set':
    case 'logs_fetch':
    case 'update':
      return false;
  }
}

/** What was in force before, for whoever wants to go back. */
export function beforeOf(act: JournalCommand['act'], overrides: Overrides): NonNullable<CommandEnd['evidence']> {
  if (act === 'black') return { before: { on: overrides.some(({ slot }) => slot === 'black') } };
  if (act === 'brightness') return { before: { percent: overrides.find(({ slot }) => slot === 'brightness')?.percent ?? null } };
  return {};
}

/** The screens that are laid out as strips; all others are boards. */
const isStrip = ({ screen }: Device): boolean => screen?.template.includes('strip') ?? false;

/**
 * The plan with what stands over it: one region as large as the screen. Emergency layers stay, and win: no test may hide them.
 * The same plan when nothing is over it.
 */
export function overlaid(plan: ScreenPlan, device: Device, overrides: Overrides): ScreenPlan {
  const over = passing(overrides) ?? overrides.find(({ slot }) => slot === 'black');
  if (!over) return plan;
  const kind = isStrip(device) ? 'strip' : 'board';
  const { window } = device.screen ?? {};
  const contents: Readonly<Record<string, Layer['content']>> = {
    identify: {
      template: `${kind}-identify`,
      parameters: { device: device.id, name: device.name, ...(kind === 'strip' && window !== undefined ? { window } : {}) },
      bindings: [],
    },
    test_pattern: { template: `${kind}-test`, parameters: {}, bindings: [] },
    black: { template: 'blank', parameters: {}, bindings: [] },
  };
  const content = contents[over.kind];
  if (!content) return plan;
  const emergencies = plan.regions.flatMap(({ layers }) => layers.filter((layer) => layer.class === 'emergency'));
  const layer: Layer = {
    id: OVERRIDE_LAYER,
    class: 'takeover',
    seq: Number.MAX_SAFE_INTEGER,
    content,
    source: { kind: 'person', id: over.command },
  };
  return { ...plan, regions: [{ id: 'override', layers: [layer, ...emergencies] }] };
}

/** For the store: what is left of each. */
export const toStored = (device: string, overrides: Overrides, machineMs: number, wallMs: number): StoredOverride[] =>
  inForce(overrides, machineMs).map(({ endsMs, ...rest }) => ({
    ...rest,
    device,
    notedAt: wallMs,
    ...(endsMs === undefined ? {} : { remainingMs: endsMs - machineMs }),
  }));

/**
 * From the store: the time since it was noted is over as well, by the only clock that survives a restart. A clock that was put
 * back counts as no time, so that what was left is never more than was noted.
 */
export function fromStored(stored: readonly StoredOverride[], machineMs: number, wallMs: number): Overrides {
  const overrides = stored.map(({ slot, kind, command, percent, remainingMs, notedAt }): Override => {
    const endsMs = remainingMs === undefined ? undefined : machineMs + remainingMs - Math.max(0, wallMs - notedAt);
    return {
      slot,
      kind,
      command,
      ...(percent === undefined ? {} : { percent }),
      ...(endsMs === undefined ? {} : { endsMs }),
    };
  });
  return inForce(overrides, machineMs);
}

/** For the report. Times are wall time. */
export const overrideViews = (overrides: Overrides, machineMs: number, wallMs: number): OverrideView[] =>
  inForce(overrides, machineMs).map(({ kind, command, percent, endsMs }) => ({
    kind,
    command,
    ...(percent === undefined ? {} : { percent }),
    ...(endsMs === undefined ? {} : { until: Math.max(0, Math.round(wallMs + endsMs - machineMs)) }),
  }));
