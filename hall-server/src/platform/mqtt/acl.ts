/**
 * Who may publish and subscribe what: pure functions over the declared topics. Everything not named here is refused.
 * Names in topics must be ids; so wildcards, `$` topics, empty levels, NUL and look-alikes never match.
 */
import { isId, topics, type TopicName } from '@hall/contracts';

export interface Principal {
  readonly role: 'agent' | 'platform' | 'server';
  readonly hall: string;
  /** Agent or platform id; for the server its client id. */
  readonly id: string;
  /** Which of its credentials an agent came with: looked at again when credentials change. */
  readonly credential?: string;
}

/** Topics that may carry the retain flag: state that a newcomer must see, checked by epoch on receipt. */
const RETAINED: ReadonlySet<TopicName> = new Set(['presence', 'serverState']);
/** Topics a last will may name. */
const WILLS: ReadonlySet<TopicName> = new Set(['presence', 'serverState']);

const declared = (Object.keys(topics) as TopicName[]).map((name) => ({
  name,
  levels: topics[name].address.split('/'),
  direction: topics[name].direction,
}));

/** Whether `level` of an address may stand for `{name}` of this principal. */
function ownName(principal: Principal, placeholder: string, level: string): boolean {
  if (!isId(level)) return false;
  if (placeholder === '{hall}') return level === principal.hall;
  if (principal.role === 'agent' && placeholder === '{agent}') return level === principal.id;
  if (principal.role === 'platform' && placeholder === '{platform}') return level === principal.id;
  return true;
}

function match(
  principal: Principal,
  address: string,
  allow: (placeholder: string, level: string) => boolean,
): TopicName | undefined {
  const given = address.split('/');
  for (const { name, levels } of declared) {
    if (levels.length !== given.length) continue;
    if (levels.every((level, at) => (level.startsWith('{') ? allow(level, given[at] ?? '') : level === given[at]))) return name;
  }
  return undefined;
}

const sends = (role: Principal['role'], name: TopicName): boolean => {
  const { direction } = topics[name];
  if (role === 'server') return direction === 'down' || direction === 'out';
  return role === 'agent' ? direction === 'up' : direction === 'in';
};

const hears = (role: Principal['role'], name: TopicName): boolean => {
  const { direction } = topics[name];
  if (role === 'server') return direction === 'up' || direction === 'in';
  return role === 'agent' ? direction === 'down' : direction === 'out';
};

/** The declared topic this principal may publish to; undefined is a refusal. */
export function mayPublish(principal: Principal, address: string): TopicName | undefined {
  const name = match(principal, address, (placeholder, level) => ownName(principal, placeholder, level));
  return name && sends(principal.role, name) ? name : undefined;
}

/**
 * The declared topic this principal may subscribe to with the filter; undefined is a refusal. `+` may stand only where the
 * principal may see every name: a device of an agent; for the server also agents and platforms. `#` is always refused.
 */
export function maySubscribe(principal: Principal, filter: string): TopicName | undefined {
  const name = match(principal, filter, (placeholder, level) => {
    if (level !== '+') return ownName(principal, placeholder, level);
    if (placeholder === '{device}') return true;
    return principal.role === 'server' && (placeholder === '{agent}' || placeholder === '{platform}');
  });
  return name && hears(principal.role, name) ? name : undefined;
}

/** Whether a last will may name the topic. */
export function mayWill(principal: Principal, address: string): boolean {
  const name = mayPublish(principal, address);
  return name !== undefined && WILLS.has(name);
}

/** Whether the topic may carry the retain flag. */
export const mayRetain = (name: TopicName): boolean => RETAINED.has(name);
