/** The rules of a batch. Pure. */
import type { CommandAct, CommandEnd, CommandState } from '@hall/contracts';

/** So many of a batch are under way at a time: a batch that does harm is stopped before it has reached every screen. */
export const AT_ONCE = 8;

export interface Member {
  readonly id: string;
  readonly device: string;
  readonly state: CommandState;
  /** Its turn has come. */
  readonly released: boolean;
  readonly end: CommandEnd | null;
}

/** Whose turn comes now, in order. */
export function toRelease(members: readonly Member[]): string[] {
  const underWay = members.filter(({ state, released }) => released && state !== 'ended').length;
  return members
    .filter(({ state, released }) => state === 'created' && !released)
    .slice(0, Math.max(0, AT_ONCE - underWay))
    .map(({ id }) => id);
}

/** Devices of which it has not come true: those that ended in any other way. What is still under way goes on. */
export const toResume = (members: readonly Member[]): string[] =>
  members.filter(({ state, end }) => state === 'ended' && end?.outcome !== 'applied').map(({ device }) => device);

/** One way back: the act that undoes what was done, and for which devices. */
export interface WayBack {
  readonly act: CommandAct;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly devices: readonly string[];
}

const beforeOf = ({ end }: Member): Record<string, unknown> => (end?.evidence?.['before'] ?? {}) as Record<string, unknown>;

/**
 * The ways back of what was applied: to the black or light screen, to the brightness that was before. Devices that go back to
 * the same go together. Nothing for acts that pass by themselves or leave nothing behind.
 */
export function waysBack(act: CommandAct, members: readonly Member[]): WayBack[] {
  if (act !== 'black' && act !== 'brightness') return [];
  const groups = new Map<string, WayBack>();
  for (const member of members.filter(({ end }) => end?.outcome === 'applied')) {
    const before = beforeOf(member);
    const back = act === 'black' ? { on: before['on'] === true } : { percent: before['percent'] ?? null };
    const key = JSON.stringify(back);
    groups.set(key, { act, arguments: back, devices: [...(groups.get(key)?.devices ?? []), member.device] });
  }
  return [...groups.values()];
}
