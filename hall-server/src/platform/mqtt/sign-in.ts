/** Who an MQTT connection belongs to: client id, user and credential must fit together. */
import type { CredentialCheck } from '../credentials.ts';
import type { Principal } from './acl.ts';
import { clientIdFits } from './broker.ts';

export interface SignInOptions {
  readonly hall: string;
  readonly check: CredentialCheck;
  readonly agentHash: (id: string) => string | undefined;
  readonly platformHash: (id: string) => string | undefined;
}

export const mqttSignIn =
  ({ hall, check, agentHash, platformHash }: SignInOptions) =>
  async (clientId: string, username: string, password: Uint8Array): Promise<Principal | undefined> => {
    for (const [role, hash] of [
      ['agent', agentHash],
      ['platform', platformHash],
    ] as const) {
      if (!clientIdFits(role, username, clientId)) continue;
      const stored = hash(username);
      if (stored !== undefined) return (await check(password, stored)) ? { role, hall, id: username } : undefined;
    }
    return undefined;
  };
