/** How large the outbox may grow, and what goes first. Pure; the one place that says so. */
import type { EdgeRecord } from '@hall/contracts';

export interface OutboxLimits {
  /** Above this many rows or bytes, what may go gives way to a counted gap; everything else is kept. */
  readonly softRows: number;
  readonly softBytes: number;
  /** Above this many rows or bytes even what is kept gives way: the disk of a hall computer is not endless. */
  readonly hardRows: number;
  readonly hardBytes: number;
}

const MB = 1024 * 1024;
/** 72 h of a hall with 100 screens that change every ten seconds of its opening hours are far below the hard limit. */
export const defaultLimits: OutboxLimits = { softRows: 200_000, softBytes: 64 * MB, hardRows: 300_000, hardBytes: 96 * MB };

/**
 * When records of a type may be given up, always the oldest first and never uncounted: a gap takes their place that says how many of
 * which type, from when to when.
 */
export type Keeping =
  /** Above the soft limit. What holds now is told by `reported` anyway. */
  | 'while_there_is_room'
  /** Above the hard limit, when nothing else is left to give up. */
  | 'up_to_the_hard_limit'
  /** Above the hard limit, after all others: what people did or must know. */
  | 'longest';

/** A type that is not named is kept longest. */
const keepings: { readonly [T in EdgeRecord['type']]?: Keeping } = {
  'screen.confirmed': 'while_there_is_room',
  'device.link': 'up_to_the_hard_limit',
  'agent.started': 'up_to_the_hard_limit',
  'agent.stopped': 'up_to_the_hard_limit',
  'text.replaced': 'longest',
  // A gap is never lost: it is taken into the next one.
  'outbox.gap': 'longest',
};
export const keepingOf = (type: EdgeRecord['type']): Keeping => keepings[type] ?? 'longest';

export interface OutboxSize {
  readonly count: number;
  readonly bytes: number;
}

/** In which order types are given up at a limit; each later one only if the earlier were not enough. */
export const givenUp: { readonly soft: readonly Keeping[]; readonly hard: readonly Keeping[] } = {
  soft: ['while_there_is_room'],
  hard: ['while_there_is_room', 'up_to_the_hard_limit', 'longest'],
};

export const isOver = ({ count, bytes }: OutboxSize, limits: OutboxLimits, limit: 'soft' | 'hard'): boolean =>
  limit === 'soft' ? count > limits.softRows || bytes > limits.softBytes : count > limits.hardRows || bytes > limits.hardBytes;

/** How many of the oldest rows to fold into a gap: a tenth at once, so that a full outbox is not rewritten with every record. */
export const foldSize = ({ count }: OutboxSize): number => Math.max(2, Math.ceil(count / 10));
