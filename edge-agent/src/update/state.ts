/**
 * Which release runs and whether one is on trial: the state on the disk of `hall-agent run`. Pure; every step is written to the
 * disk before anything is done that rests on it, so whatever ends the parent, the next one goes on from a whole state.
 */
import { HallError } from '@hall/contracts';
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';

/** Starts of a release on trial; a parent that died so often in the middle does not try again. */
export const MOST_STARTS = 2;

const closed = { additionalProperties: false } as const;
/** Name of a release: SHA-256 of its bundle. */
export const Release = Type.String({ pattern: '^[0-9a-f]{64}$' });
export const rollbackReasons = ['ended', 'silent', 'not_healthy', 'parent_ended', 'damaged'] as const;
export type RollbackReason = (typeof rollbackReasons)[number];

const Wanted = {
  release: Release,
  /** Of the agent package. */
  version: Type.String({ maxLength: 32 }),
  /** Its database is newer, so a copy of the present one is kept for the way back. */
  newStore: Type.Boolean(),
  /** Devices that were online before, for the health rule without a server. */
  online: Type.Array(Type.String({ maxLength: 40 }), { maxItems: 1000 }),
  /** The command that wanted it. */
  command: Type.Optional(Type.String({ maxLength: 36 })),
};
/** What an agent asks its parent for: a release that it has put into the folder of releases. */
export const ApplyRequest = Type.Object(Wanted, closed);
export type ApplyRequest = Static<typeof ApplyRequest>;

export const UpdateState = Type.Object(
  {
    format: Type.Literal(1),
    /** Version of the installed package all this was said beside. */
    installed: Type.String({ maxLength: 32 }),
    /** The release that has passed its trial; null is the installed package. */
    current: Type.Union([Release, Type.Null()]),
    /** What was current before. */
    previous: Type.Union([Release, Type.Null()]),
    trial: Type.Union([
      Type.Object({ ...Wanted, starts: Type.Integer({ minimum: 0, maximum: MOST_STARTS }) }, closed),
      Type.Null(),
    ]),
    /** How the newest trial ended. */
    last: Type.Union([
      Type.Object(
        {
          release: Release,
          version: Type.String({ maxLength: 32 }),
          outcome: Type.Union([Type.Literal('applied'), Type.Literal('rolled_back')]),
          reason: Type.Optional(Type.Enum(rollbackReasons)),
          command: Type.Optional(Type.String({ maxLength: 36 })),
        },
        closed,
      ),
      Type.Null(),
    ]),
  },
  closed,
);
export type UpdateState = Static<typeof UpdateState>;
export type Trial = NonNullable<UpdateState['trial']>;
const isState = Compile(UpdateState);

export const firstState = (installed: string): UpdateState => ({
  format: 1,
  installed,
  current: null,
  previous: null,
  trial: null,
  last: null,
});

/** The state as it was written. One that cannot be read, or was written beside another installed package, counts for nothing. */
export function stateFrom(text: string | undefined, installed: string): UpdateState {
  let held: unknown;
  try {
    held = JSON.parse(text ?? 'null');
  } catch {
    held = null;
  }
  return isState.Check(held) && held.installed === installed ? held : firstState(installed);
}

/**
 * A trial begins.
 * @throws HallError UPDATE_RUNNING, UPDATE_SAME_VERSION or UPDATE_FAILED_BEFORE: what was rolled back last is not tried again.
 */
export function begin(state: UpdateState, wanted: ApplyRequest): UpdateState {
  checkWanted(state, wanted.release);
  return { ...state, trial: { ...wanted, starts: 0 } };
}

/** @throws HallError as `begin`. */
export function checkWanted({ trial, current, last }: UpdateState, release: string): void {
  if (trial) throw new HallError('UPDATE_RUNNING', { release: trial.release });
  if (current === release) throw new HallError('UPDATE_SAME_VERSION', { release });
  if (last?.outcome === 'rolled_back' && last.release === release) {
    throw new HallError('UPDATE_FAILED_BEFORE', { release, reason: last.reason });
  }
}

/** Before a start: the trial counts it, or is over because it was started too often. */
export function starting(state: UpdateState): UpdateState {
  const { trial } = state;
  if (!trial) return state;
  if (trial.starts >= MOST_STARTS) return rollBack(state, 'parent_ended');
  return { ...state, trial: { ...trial, starts: trial.starts + 1 } };
}

/** What is to be started; null is the installed package. */
export const wantedRelease = ({ trial, current }: UpdateState): string | null => trial?.release ?? current;

/** A trial that is about to be rolled back and will not be started again, whatever comes between. */
export const givenUp = (state: UpdateState): UpdateState =>
  state.trial ? { ...state, trial: { ...state.trial, starts: MOST_STARTS } } : state;

const verdict = ({ release, version, command }: Trial) => ({ release, version, ...(command !== undefined && { command }) });

/** The release on trial is healthy and is the current one from now on. */
export function pass(state: UpdateState): UpdateState {
  const { trial, current } = state;
  if (!trial) return state;
  return { ...state, current: trial.release, previous: current, trial: null, last: { ...verdict(trial), outcome: 'applied' } };
}

/** The trial is over and what was current before it goes on. */
export function rollBack(state: UpdateState, reason: RollbackReason): UpdateState {
  const { trial } = state;
  if (!trial) return state;
  return { ...state, trial: null, last: { ...verdict(trial), outcome: 'rolled_back', reason } };
}

/** The current release cannot be started: the one before it, then the installed package. */
export function fallBack(state: UpdateState): UpdateState {
  if (state.trial) return rollBack(state, 'damaged');
  return { ...state, current: state.previous, previous: null };
}

/** Releases that are not needed any more may go; these may not. */
export const kept = ({ current, previous, trial }: UpdateState): readonly string[] =>
  [current, previous, trial?.release ?? null].filter((one) => one !== null);
