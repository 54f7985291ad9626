/** What of a device is kept as its history. Pure. */
import type { Condition, DeviceView, HistoryKind } from '@hall/contracts';

/** What other parts of the server know of a device. */
export interface Outside {
  readonly maintenance: boolean;
  /** What somebody put on the screen by hand; '' is nothing. */
  readonly override: string;
}

/** How a screen stands; a device without a screen is right while it is online. */
export function conditionOf({ agentPresence, reported }: DeviceView, { maintenance }: Outside): Condition {
  if (maintenance) return 'maintenance';
  if (agentPresence !== 'online' || !reported || reported.link !== 'online') return 'offline';
  const freshness = reported.screen?.freshness;
  return freshness === 'stale' || freshness === 'safe' ? 'stale' : 'right';
}

/** The present value of every kind of state; '' is none. */
export function statesOf(view: DeviceView, outside: Outside): Readonly<Record<HistoryKind, string>> {
  const { reported } = view;
  const applied = reported?.applied;
  return {
    condition: conditionOf(view, outside),
    presence: view.agentPresence,
    link: reported?.link ?? '',
    freshness: reported?.screen?.freshness ?? '',
    applied: applied ? `${applied.gen}/${applied.ver}`.slice(0, 64) : '',
    override: outside.override.slice(0, 64),
    error: reported?.error ?? '',
  };
}
