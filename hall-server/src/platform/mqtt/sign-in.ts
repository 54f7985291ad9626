/** Who an MQTT connection belongs to: client id, user and credential must fit together. */
import type { CredentialCheck } from '../credentials.ts';
import type { Principal } from './acl.ts';
import { clientIdFits } from './client-id.ts';

export interface SignInOptions {
  readonly hall: string;
  readonly check: CredentialCheck;
  readonly agentHash: (id: string) => string | undefined;
  readonly platformHash: (id: string) => string | undefined;
  /** How a principal remembers which hash let it in. */
  readonly mark: (hash: string) => string;
}

export const mqttSignIn =
  ({ hall, check, agentHash, platformHash, mark }: SignInOptions) =>
  async (clientId: string, username: string, password: Uint8Array): Promise<Principal | undefined> => {
    for (const [role, hash] of [
      ['agent', agentHash],
      ['platform', platformHash],
    ] as const) {
      if (!clientIdFits(role, username, clientId)) continue;
      const stored = hash(username);
      if (stored === undefined) continue;
      if (!(await check(password, stored))) return undefined;
      return { role, hall, id: username, ...(role === 'agent' && { credential: mark(stored) }) };
    }
    return undefined;
  };
