/** The command `update` at the agent: fetched, checked, handed to the parent; the run after the trial says how it ended. */
import path from 'node:path';
import { codeOf, HallError, type ActArguments, type Clock, type CommandEnd } from '@hall/contracts';
import type { Parent } from '../run/heartbeat.ts';
import type { JournalCommand } from '../commands/sql.ts';
import { fetchBundle } from './fetch.ts';
import { readState } from './launcher.ts';
import { stage, updatesFolder } from './releases.ts';
import { checkWanted, type UpdateState } from './state.ts';
import { trustedKeys } from './trusted-keys.ts';

export interface Updater {
  /** Undefined when a release was handed to the parent: another run knows the end. */
  update(command: JournalCommand, signal: AbortSignal): Promise<CommandEnd | undefined>;
  /** How a command ended that an earlier run had begun; waits for the verdict on a release that is on trial. */
  resolve(command: JournalCommand): Promise<CommandEnd>;
}

export interface UpdaterOptions {
  readonly data: string;
  /** Folder of trusted keys. */
  readonly keys: string;
  /** Of the hall server. */
  readonly base: string;
  readonly bytesPerS: number;
  readonly version: string;
  readonly schema: number;
  readonly packageFolder: string;
  readonly parent: Parent;
  /** Devices that are connected. */
  online(): readonly string[];
}

/** What the disk says of a command; undefined while its release is on trial. */
export function endFrom(state: UpdateState | undefined, command: string): CommandEnd | undefined {
  if (state?.trial?.command === command) return undefined;
  const { last } = state ?? {};
  if (last?.command !== command) return { outcome: 'failed', code: 'AGENT_RESTARTED' };
  const { outcome, release, version, reason } = last;
  if (outcome === 'applied') return { outcome, level: 'read_back', evidence: { version, release } };
  return { outcome: 'failed', code: 'UPDATE_ROLLED_BACK', evidence: { version, release, reason } };
}

export function createUpdater(options: UpdaterOptions, clock: Clock): Updater {
  const { data, keys, base, bytesPerS, version, schema, packageFolder, parent, online } = options;
  const updates = updatesFolder(data);

  async function ready({ id, arguments: given }: JournalCommand, signal: AbortSignal): Promise<void> {
    const offer = given as ActArguments<'update'>;
    const state = readState(data);
    if (state) checkWanted(state, offer.sha256);
    if (offer.version === version) throw new HallError('UPDATE_SAME_VERSION', { version });
    const folder = path.join(updates, 'download');
    const url = new URL(offer.path, base);
    const file = await fetchBundle({ url, ...offer }, { folder, bytesPerS, clock, signal });
    const { release, manifest } = stage(file, { updates, keys: trustedKeys(keys), version, schema, packageFolder });
    const newStore = manifest.schema > schema;
    parent.apply({ release, version: manifest.version, newStore, online: [...online()], command: id });
  }

  return {
    async update(command, signal) {
      try {
        await ready(command, signal);
        return undefined;
      } catch (error) {
        signal.throwIfAborted();
        const code = codeOf(error);
        const details = error instanceof HallError ? error.details : {};
        const isRefusal = code.startsWith('UPDATE_') && code !== 'UPDATE_DAMAGED' && code !== 'UPDATE_NO_SPACE';
        return { outcome: isRefusal ? 'refused' : 'failed', code, evidence: { ...details } };
      }
    },
    async resolve({ id }) {
      const state = readState(data);
      const end = endFrom(state, id);
      if (end || !state?.trial) return end ?? { outcome: 'failed', code: 'AGENT_RESTARTED' };
      const { release, version: tried } = state.trial;
      await parent.passed(release);
      return { outcome: 'applied', level: 'read_back', evidence: { version: tried, release } };
    },
  };
}
