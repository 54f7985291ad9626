/** What comes from the server, checked: bytes in, a payload that matches its schema out, or the reason it is dropped. */
import { addressOf, agentTopics, Envelope, filterOf, isId, MAX_PACKET_BYTES, topicOf, topics, upTopics } from '@hall/contracts';
import type { AgentTopic, Payload, TopicName, UpTopic } from '@hall/contracts';
import { Compile } from 'typebox/compile';

/** The topics an agent listens to. */
export const heard = agentTopics;
/** Those of them that a server of the release before does not know; its refusal of them is no reason to leave. */
const newer: ReadonlySet<TopicName> = new Set(['command', 'discover', 'trace', 'timeReply', 'waiting']);
/** The topics an agent speaks on. */
export const spoken = upTopics;
export type Heard = AgentTopic;
export type Spoken = UpTopic;

export type Incoming = { [N in Heard]: { readonly name: N; readonly data: Payload<N>; readonly device?: string } }[Heard];
export type Dropped = { readonly dropped: 'topic' | 'retained' | 'size' | 'json' | 'envelope' | 'payload' };

const isEnvelope = Compile(Envelope);
const checks = new Map<TopicName, { Check(value: unknown): boolean }>(
  [...heard, ...spoken].map((name) => [name, Compile(topics[name].payload)]),
);
const isHeard = (name: string): name is Heard => (heard as readonly string[]).includes(name);

/** The filters of one agent: all exact but for its devices. `extra`: what a server may refuse. */
export const filtersOf = (hall: string, agent: string): { readonly needed: string[]; readonly extra: string[] } => {
  const filters = (names: readonly Heard[]) => names.map((name) => filterOf(name, { hall, agent }));
  return { needed: filters(heard.filter((name) => !newer.has(name))), extra: filters(heard.filter((name) => newer.has(name))) };
};

/**
 * Reads one message. Never throws; nothing of a dropped message is used. `retained`: the broker had kept it; what is never sent to
 * be kept was planted there.
 */
export function readMessage(
  topic: string,
  bytes: Uint8Array,
  own: { hall: string; agent: string },
  retained = false,
): Incoming | Dropped {
  if (bytes.length > MAX_PACKET_BYTES) return { dropped: 'size' };
  const place = topicOf(topic);
  if (!place || !isHeard(place.name) || place.names['hall'] !== own.hall) return { dropped: 'topic' };
  if ((place.names['agent'] ?? own.agent) !== own.agent) return { dropped: 'topic' };
  if (retained && !topics[place.name].retain) return { dropped: 'retained' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(bytes));
  } catch {
    return { dropped: 'json' };
  }
  if (!isEnvelope.Check(parsed) || parsed.type !== `hall.1.${place.name}`) return { dropped: 'envelope' };
  if (!checks.get(place.name)?.Check(parsed.data)) return { dropped: 'payload' };
  const { device } = place.names;
  return { name: place.name, data: parsed.data, ...(device === undefined ? {} : { device }) } as Incoming;
}
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The address of an outgoing message, or undefined if a name in it is no id: a refused publish could close the connection
 * and come again for ever.
 */
export function addressFor<N extends Spoken>(
  name: N,
  names: { hall: string; agent: string; device?: string },
): string | undefined {
  if (!Object.values(names).every(isId)) return undefined;
  return addressOf(name, names as Parameters<typeof addressOf<N>>[1]);
}

/** Whether a payload is fit to be sent. */
export const isSpeakable = (name: Spoken, data: unknown): boolean => checks.get(name)?.Check(data) ?? false;
