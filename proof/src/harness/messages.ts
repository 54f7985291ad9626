/** Every MQTT message that passes by, held against the AsyncAPI document that the product publishes. */
import { readFileSync } from 'node:fs';
import { topicOf, topics, type TopicName } from '@hall/contracts';
import { Ajv, type ValidateFunction } from 'ajv';
import { default as addFormats } from 'ajv-formats';

export interface SeenMessage {
  readonly topic: string;
  /** `oversize`: more than a broker of ours takes. `unreadable`: what came is not MQTT 3.1.1. */
  readonly payload: Uint8Array | 'oversize' | 'unreadable';
  /** Id of the client on whose connection it passed; empty if it never gave one. */
  readonly client: string;
  /** Into the broker, out of it, or left with it as a last will. */
  readonly way: 'in' | 'out' | 'will';
}

export interface MessageFault extends Pick<SeenMessage, 'topic' | 'client' | 'way'> {
  readonly reason: string;
}

export interface Messages {
  see(message: SeenMessage): void;
  /** How many messages by name of the topic: sent where they come up, received where they go down; last wills not. */
  readonly seen: ReadonlyMap<string, number>;
  /** How many last wills were left with a broker, by name of the topic. */
  readonly wills: ReadonlyMap<string, number>;
  /** Messages that no document describes, or not so, and that nobody said were bad on purpose; each kind once. */
  readonly faults: readonly MessageFault[];
  /** @throws Error naming the faults, or the topics that were to be bad on purpose and never were. */
  verify(): void;
}

export interface MessagesOptions {
  /** Names of topics, or whole addresses of undocumented ones, on which bad payloads are sent on purpose. */
  readonly badOnPurpose?: readonly string[];
  /** Looks at each message too, after it was checked. */
  readonly also?: (message: SeenMessage) => void;
}

const DOCUMENT = new URL('../../../docs/asyncapi.json', import.meta.url);
/** Faults that are named in one error. */
const NAMED = 10;

const whyNot = { oversize: 'the packet is larger than a broker takes', unreadable: 'the connection is not MQTT 3.1.1' } as const;

const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
/** Where a message is counted once, whichever broker carries it: at its agent or platform. */
const countedOn = (name: TopicName | undefined): SeenMessage['way'] =>
  name !== undefined && ['down', 'out'].includes(topics[name].direction) ? 'out' : 'in';

/** Reads `docs/asyncapi.json` and compiles the payload of every channel. */
export function createMessages({ badOnPurpose = [], also = () => {} }: MessagesOptions = {}): Messages {
  const document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as {
    channels: Record<string, { address: string; messages: Record<string, { $ref: string }> }>;
  };
  const ajv = new Ajv({ strict: false, allErrors: false });
  addFormats.default(ajv);
  ajv.addSchema(document, 'asyncapi');
  const channels = Object.values(document.channels).map(({ address, messages }) => ({
    pattern: new RegExp(`^${address.replaceAll(/\{\w+\}/g, '[a-z0-9-]+')}$`),
    checks: Object.values(messages).map(({ $ref }) => ajv.compile({ $ref: `asyncapi${$ref}/payload` })),
  }));
  const seen = new Map<string, number>();
  const wills = new Map<string, number>();
  const faults = new Map<string, MessageFault>();
  const bad = new Set<string>();

  function faultOf({ topic, payload }: SeenMessage): string | undefined {
    if (typeof payload === 'string') return whyNot[payload];
    const channel = channels.find(({ pattern }) => pattern.test(topic));
    if (!channel) return 'the topic is not in the document';
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    } catch {
      return 'the payload is not JSON in UTF-8';
    }
    if (channel.checks.some((check: ValidateFunction) => check(value))) return undefined;
    const [error] = channel.checks[0]?.errors ?? [];
    return `${error?.instancePath ?? ''} ${error?.message ?? 'does not match'}`.trim();
  }

  return {
    see(message) {
      const { topic, client, way } = message;
      const declared = topicOf(topic)?.name;
      const name = declared ?? topic;
      if (way === 'will') count(wills, name);
      else if (way === countedOn(declared)) count(seen, name);
      const reason = faultOf(message);
      if (reason !== undefined && badOnPurpose.includes(name)) bad.add(name);
      else if (reason !== undefined) faults.set(`${way} ${client} ${topic} ${reason}`, { topic, client, way, reason });
      also(message);
    },
    seen,
    wills,
    get faults() {
      return [...faults.values()];
    },
    verify() {
      const said = [...faults.values()].map(({ topic, client, way, reason }) => `${way}, ${client || '?'}, ${topic}: ${reason}`);
      const never = badOnPurpose
        .filter((name) => !bad.has(name))
        .map((name) => `${name}: was to be bad on purpose and never was`);
      const all = [...said, ...never];
      if (all.length === 0) return;
      const more = all.length > NAMED ? `\n… ${all.length - NAMED} more` : '';
      throw new Error(`MQTT messages are not as docs/asyncapi.json says:\n${all.slice(0, NAMED).join('\n')}${more}`);
    },
  };
}
