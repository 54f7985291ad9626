/** The updater of this very program: which release it is, what its store knows, and where its package lies. */
import { fileURLToPath } from 'node:url';
import type { Clock } from '@hall/contracts';
import { packageFolderOf } from '@hall/runtime';
import { updatesUrl, type AgentConfig } from '../config.ts';
import { SCHEMA_VERSION } from '../store/schema-version.ts';
import { VERSION } from '../version.ts';
import { createUpdater, type Updater, type UpdaterOptions } from './updater.ts';

/** Undefined where no parent could start another release, or no server offers one. `online`: devices that work now. */
export function ownUpdater(
  config: AgentConfig,
  parent: Pick<UpdaterOptions, 'parent' | 'keys'> | undefined,
  online: () => readonly string[],
  clock: Clock,
): Updater | undefined {
  const base = updatesUrl(config);
  if (!parent || base === undefined) return undefined;
  return createUpdater(
    {
      ...parent,
      data: config.data,
      base,
      bytesPerS: config.updates.bytesPerS,
      version: VERSION,
      schema: SCHEMA_VERSION,
      packageFolder: fileURLToPath(packageFolderOf(import.meta.url)),
      online,
    },
    clock,
  );
}
