/** What a client may call itself. Pure. */
import { isId } from '@hall/contracts';
import type { Principal } from './acl.ts';

/**
 * Whether the client id belongs to the user: it is the user's id, or for platforms, which may connect several times, the id, a
 * dot and a word. A dot is in no id, so nobody can take over somebody else's session.
 */
export function clientIdFits(role: Principal['role'], user: string, clientId: string): boolean {
  if (!isId(user)) return false;
  if (clientId === user) return true;
  return role === 'platform' && clientId.startsWith(`${user}.`) && isId(clientId.slice(user.length + 1));
}

/** Whether anybody could have this client id: an id, or two with a dot between. */
export function isClientId(clientId: string): boolean {
  const dot = clientId.indexOf('.');
  return dot < 0 ? isId(clientId) : isId(clientId.slice(0, dot)) && isId(clientId.slice(dot + 1));
}
