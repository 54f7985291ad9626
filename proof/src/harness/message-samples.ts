/**
 * Samples of every MQTT message of a release, chosen from what passed in a running hall. What differs from run to run is replaced by
 * what does not, and names of people are masked, so that samples recorded again differ only where the messages do.
 */
import { topicOf, topics, type TopicName } from '@hall/contracts';

export interface MessageSample {
  readonly topic: string;
  /** Left with the broker as a last will; absent for what was published. */
  readonly will?: true;
  readonly payload: unknown;
}

/** Samples of a topic at most. */
const MOST = 8;
/** 2026-11-23 10:20 in the hall's zone. */
const FIRST_MS = Date.UTC(2026, 10, 23, 2, 20);
const EARLIEST_MS = Date.UTC(2020, 0, 1);
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
/** Random ids: of a session or installation, with the number of the message after it, and of a store. */
const UUID = /([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:-\d+)?/g;
const STORE = /^[0-9a-f]{16}$/;
const STORE_SAMPLE = '0'.repeat(15).concat('1');
const PORT = 5005;
/** A network place as finders write it. */
const PLACE = /^(tcp:\/\/[\d.]+):\d+$/;
/** Fields that name a person. */
const PERSONAL = new Set(['name', 'applicant']);
const MASKED = '张**';

/** Words that make another kind of message of one with the same fields. */
const isTelling = (key: string): boolean =>
  ['state', 'verdict', 'full', 'fresh', 'link', 'level', 'freshness', 'type', 'outcome', 'code', 'error'].includes(key);

/** Objects whose keys are names of things, not words of the contract: any number of them is one shape. */
const isRecord = (key: string): boolean => ['counters', 'fields', 'devices', 'names', 'services', 'windows'].includes(key);

/** What fields a value has, at any depth, and the telling words in it; two messages alike in this need but one sample. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => shapeOf(one, `${path}/*`));
  if (value === null || typeof value !== 'object') return [path];
  const own = path.slice(path.lastIndexOf('/') + 1);
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = `${path}/${isRecord(own) ? '*' : key}`;
    return isTelling(key) && typeof inner !== 'object' ? [`${at}=${String(inner)}`] : shapeOf(inner, at);
  });
}

/** The value with every leaf replaced. */
function mapLeaves(value: unknown, replace: (leaf: unknown, key: string) => unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => mapLeaves(one, replace, key));
  if (value === null || typeof value !== 'object') return replace(value, key);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapLeaves(inner, replace, name)]));
}

const timeOf = (leaf: unknown): number | undefined => {
  if (typeof leaf === 'number') return leaf > EARLIEST_MS ? leaf : undefined;
  return typeof leaf === 'string' && RFC3339.test(leaf) ? Date.parse(leaf) : undefined;
};

/** Times become whole seconds in the order they had, random ids are numbered, people are masked where the platform names them. */
function settled(payload: unknown, personal: boolean): unknown {
  const times = new Set<number>();
  const ids: string[] = [];
  mapLeaves(payload, (leaf) => {
    const time = timeOf(leaf);
    if (time !== undefined) times.add(time);
    for (const [, id = ''] of typeof leaf === 'string' ? leaf.matchAll(UUID) : []) if (!ids.includes(id)) ids.push(id);
  });
  const order = [...times].toSorted((a, b) => a - b);
  return mapLeaves(payload, (leaf, key) => {
    if (personal && PERSONAL.has(key)) return MASKED;
    const time = timeOf(leaf);
    if (time !== undefined) {
      const at = FIRST_MS + order.indexOf(time) * 1000;
      return typeof leaf === 'number' ? at : new Date(at).toISOString();
    }
    if (key === 'port' || (key === 'ports' && typeof leaf === 'number')) return PORT;
    if (typeof leaf !== 'string') return leaf;
    if (STORE.test(leaf)) return STORE_SAMPLE;
    const numbered = (id: string) => `00000000-0000-4000-8000-${String(ids.indexOf(id) + 1).padStart(12, '0')}`;
    return leaf
      .replace(PLACE, `$1:${PORT}`)
      .replaceAll(UUID, (whole, id: string) => `${numbered(id)}${whole === id ? '' : '-1'}`);
  });
}

export interface Sampler {
  /** A message that passed, once however often it passes. */
  take(topic: string, payload: Uint8Array, will: boolean): void;
  /** By name of the topic, in the order they came; a topic of which nothing passed is an empty list. */
  samples(): ReadonlyMap<TopicName, readonly MessageSample[]>;
}

/** Keeps the first message of each shape, and of no topic more than a handful. */
export function createSampler(): Sampler {
  const kept = new Map<TopicName, Map<string, MessageSample>>(
    (Object.keys(topics) as TopicName[]).map((name) => [name, new Map()]),
  );
  return {
    take(topic, bytes, will) {
      const name = topicOf(topic)?.name;
      const own = name && kept.get(name);
      if (!own) return;
      const payload: unknown = JSON.parse(new TextDecoder().decode(bytes));
      const shape = JSON.stringify([will, [...new Set(shapeOf(payload))].toSorted()]);
      if (own.has(shape) || own.size >= MOST) return;
      own.set(shape, { topic, ...(will ? { will } : {}), payload: settled(payload, name === 'platformEvents') });
    },
    samples: () => new Map([...kept].map(([name, own]) => [name, [...own.values()]])),
  };
}
