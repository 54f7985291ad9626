/** Every MQTT message that passes by, held against the AsyncAPI document that the product publishes. */
import { readFileSync } from 'node:fs';
import { topicOf } from '@hall/contracts';
import { Ajv, type ValidateFunction } from 'ajv';
import { default as addFormats } from 'ajv-formats';

export interface SeenMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface MessageFault {
  readonly topic: string;
  readonly reason: string;
}

export interface Messages {
  see(message: SeenMessage): void;
  /** How many messages were seen, by name of the topic. */
  readonly seen: ReadonlyMap<string, number>;
  /** Messages that no document describes, or not so. */
  readonly faults: readonly MessageFault[];
}

const DOCUMENT = new URL('../../../docs/asyncapi.json', import.meta.url);

/** Reads `docs/asyncapi.json` and compiles the payload of every channel. */
export function createMessages(): Messages {
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
  const faults: MessageFault[] = [];

  function faultOf({ topic, payload }: SeenMessage): string | undefined {
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
    return `${error?.instancePath ?? ''} ${error?.message ?? 'does not match'}`;
  }

  return {
    see(message) {
      const name = topicOf(message.topic)?.name ?? message.topic;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      const reason = faultOf(message);
      if (reason !== undefined) faults.push({ topic: message.topic, reason });
    },
    seen,
    faults,
  };
}
