/**
 * What the topic rules must answer, written once more from the words of MQTT 3.1.1 §4.7, slowly: a subscription is the set of
 * topics that it matches, and it is granted when all of them may be heard. For tests.
 */
import { filterOf, isId, topics, type TopicName } from '@hall/contracts';
import type { Principal } from './acl.ts';

type Levels = readonly string[];

/** §4.7.3: at least one character, no U+0000, at most 65,535 bytes. */
const isText = (text: string): boolean => text.length > 0 && !text.includes('\u0000') && Buffer.byteLength(text) <= 65_535;
/** §4.7.1: `#` is alone in the last level, `+` is alone in its level. */
const isFilter = (text: string): boolean =>
  isText(text) &&
  text.split('/').every((level, at, all) => {
    if (level.includes('#')) return level === '#' && at === all.length - 1;
    return !level.includes('+') || level === '+';
  });
/** §3.3.2.1: the topic of a publish has no wildcards. */
const isTopic = (text: string): boolean => isText(text) && !/[+#]/.test(text);

/** §4.7.1.2 and §4.7.1.3, level by level. */
function levelsMatch([filter, ...filters]: Levels, [topic, ...rest]: Levels): boolean {
  if (filter === undefined) return topic === undefined;
  if (filter === '#') return true;
  if (topic === undefined) return false;
  return (filter === '+' || filter === topic) && levelsMatch(filters, rest);
}

/** §4.7.2: what begins with `$` is not matched by a wildcard in front. */
export function matches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  return levelsMatch(filter.split('/'), topic.split('/'));
}

const SENDS = { server: ['down', 'out'], agent: ['up'], platform: ['in'] } as const;
const HEARS = { server: ['up', 'in'], agent: ['down'], platform: ['out'] } as const;

interface Right {
  readonly name: TopicName;
  readonly levels: Levels;
}
const rights = new Map<string, readonly Right[]>();
/** The topics of these directions under the own names, as filters. */
function rightsOf({ role, hall, id }: Principal, directions: readonly string[]): readonly Right[] {
  const key = `${role}\n${hall}\n${id}\n${directions.join()}`;
  const known = rights.get(key);
  if (known) return known;
  const names = isId(hall) && isId(id) ? (Object.keys(topics) as TopicName[]) : [];
  const own = names
    .filter((name) => directions.includes(topics[name].direction))
    .map((name) => {
      const filter = filterOf(name, { hall, ...(role === 'server' ? {} : { [role]: id }) });
      return { name, levels: filter.split('/') };
    });
  rights.set(key, own);
  return own;
}

/** The declared topic that is one's own under this address, with ids where names stand. */
function isOwn(who: Principal, topic: string, directions: readonly string[]): TopicName | undefined {
  const levels = topic.split('/');
  const isRight = ({ levels: own }: Right) =>
    levelsMatch(own, levels) && own.every((level, at) => level !== '+' || isId(levels[at] ?? ''));
  return rightsOf(who, directions).find(isRight)?.name;
}

export const mayPublishByModel = (who: Principal, topic: string): TopicName | undefined =>
  isTopic(topic) && !topic.startsWith('$') ? isOwn(who, topic, SENDS[who.role]) : undefined;

/** Levels that a `+` is tried with: names of others, words of the tree, and one that nobody has thought of. */
const STAND_INS = ['demo', 'other', 'a1', 'a2', 'city', 'town', 'agent', 'server', 'device', 'welcome', '1', 'zz-9'];

/** The topics that a filter matches, as far as the stand-ins reach. */
function* instances(filter: string): Generator<string> {
  const at = filter.split('/').indexOf('+');
  if (at < 0) return yield filter;
  for (const word of STAND_INS) yield* instances(filter.split('/').with(at, word).join('/'));
}

/** More wildcards than any declared topic has names; the product would be too many topics to try. */
const MOST_WILDCARDS = 3;

/**
 * All that is matched may be heard. `#` matches topics of any depth (§4.7.1.2), more than anybody may hear; `$share/…` and
 * `$SYS/…` are topics of the broker (§4.7.2).
 */
export function maySubscribeByModel(who: Principal, filter: string): boolean {
  if (!isFilter(filter) || filter.startsWith('$')) return false;
  const levels = filter.split('/');
  if (levels.includes('#') || levels.filter((level) => level === '+').length > MOST_WILDCARDS) return false;
  for (const topic of instances(filter)) {
    if (!matches(filter, topic) || isOwn(who, topic, HEARS[who.role]) === undefined) return false;
  }
  return true;
}
