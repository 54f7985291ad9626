/** The parent's side of updates: what to start next, written to the disk before it is started. Used between two lives of the agent. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@hall/contracts';
import { writeDurably } from '@hall/runtime';
import type { Logger } from 'pino';
import { mainOf, prepare, releaseFolder, sweep, updatesFolder } from './releases.ts';
import {
  begin,
  fallBack,
  givenUp,
  kept,
  pass,
  rollBack,
  starting,
  stateFrom,
  wantedRelease,
  type ApplyRequest,
  type RollbackReason,
  type Trial,
  type UpdateState,
} from './state.ts';
import { forgetStore, keepStore, putStoreBack } from './store-copy.ts';
import { trustedKeys } from './trusted-keys.ts';

export interface Launch {
  /** The program to start. */
  readonly script: string;
  /** With a release on trial. */
  readonly trial: Trial | undefined;
}

export interface Launcher {
  next(): Launch;
  begin(wanted: ApplyRequest): void;
  pass(): void;
  rollBack(reason: RollbackReason): void;
}

export interface LauncherOptions {
  readonly data: string;
  /** Folder of trusted keys. */
  readonly keys: string;
  /** Program, version and folder of the installed package. */
  readonly script: string;
  readonly version: string;
  readonly packageFolder: string;
}

const stateFile = (data: string) => path.join(updatesFolder(data), 'state.json');
const textOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/** How the newest trial ended, for the agent that wants to tell. */
export function readState(data: string): UpdateState | undefined {
  const text = textOf(stateFile(data));
  if (text === undefined) return undefined;
  const { installed } = JSON.parse(text) as { installed: string };
  return stateFrom(text, installed);
}

export function createLauncher({ data, keys, script, version, packageFolder }: LauncherOptions, log: Logger): Launcher {
  const updates = updatesFolder(data);
  const copyOfStore = path.join(updates, 'store-before');
  let state = stateFrom(textOf(stateFile(data)), version);

  /** A disk that takes nothing must not keep the parent from starting an agent: it then goes on from what it knows. */
  function become(next: UpdateState): void {
    if (next === state) return;
    state = next;
    try {
      mkdirSync(updates, { recursive: true, mode: 0o700 });
      writeDurably(stateFile(data), `${JSON.stringify(next)}\n`);
    } catch (error) {
      log.error({ err: error }, 'state of updates could not be written');
    }
  }

  /** The store first: after the state is written nobody would know any more that it has to be put back. */
  function back(next: UpdateState): void {
    log.error({ last: next.last }, 'update is rolled back');
    if (state.trial?.newStore) {
      become(givenUp(state));
      putStoreBack(data, copyOfStore);
    }
    become(next);
    forgetStore(copyOfStore);
  }

  function readyRelease(release: string): boolean {
    const { trial } = state;
    try {
      prepare(releaseFolder(updates, release), packageFolder, trial ? trustedKeys(keys) : undefined);
      if (trial?.newStore) keepStore(data, copyOfStore);
      return true;
    } catch (error) {
      log.error({ err: error, release, code: codeOf(error) }, 'release cannot be started');
      return false;
    }
  }

  function next(): Launch {
    const counted = starting(state);
    if (state.trial && !counted.trial) back(counted);
    else become(counted);
    for (;;) {
      const release = wantedRelease(state);
      if (release === null) return { script, trial: undefined };
      if (readyRelease(release)) return { script: mainOf(updates, release), trial: state.trial ?? undefined };
      if (state.trial) back(fallBack(state));
      else become(fallBack(state));
    }
  }

  return {
    next,
    begin(wanted) {
      const begun = begin(state, wanted);
      // A copy from an earlier trial is of another time.
      forgetStore(copyOfStore);
      become(begun);
    },
    pass() {
      become(pass(state));
      forgetStore(copyOfStore);
      sweep(updates, kept(state));
    },
    rollBack(reason) {
      const before = rollBack(state, reason);
      if (before !== state) back(before);
    },
  };
}
