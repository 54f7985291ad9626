import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMqttTap } from './mqtt-tap.ts';

/** A PUBLISH after MQTT 3.1.1 §3.3, built by hand. */
function publish(topic: string, payload: Uint8Array, qos: 0 | 1): number[] {
  const name = [...new TextEncoder().encode(topic)];
  const body = [name.length >> 8, name.length & 0xff, ...name, ...(qos === 1 ? [0, 7] : []), ...payload];
  const length: number[] = [];
  for (let left = body.length; ;) {
    const byte = left % 128;
    left = Math.floor(left / 128);
    length.push(left > 0 ? byte | 0x80 : byte);
    if (left === 0) break;
  }
  return [0x30 | (qos << 1), ...length, ...body];
}
const PINGREQ = [0xc0, 0x00];
const PUBACK = [0x40, 0x02, 0x00, 0x07];

describe('the MQTT tap', () => {
  test('finds every message whatever the pieces, between other packets', () => {
    const message = fc.record({
      topic: fc.stringMatching(/^[a-z/]{1,40}$/),
      payload: fc.uint8Array({ maxLength: 400 }),
      qos: fc.constantFrom(0 as const, 1 as const),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), fc.integer({ min: 1, max: 50 }), (messages, piece) => {
        const bytes = Uint8Array.from(
          messages.flatMap(({ topic, payload, qos }) => [...PINGREQ, ...publish(topic, payload, qos), ...PUBACK]),
        );
        const tap = createMqttTap();
        const found = [];
        for (let at = 0; at < bytes.length; at += piece) found.push(...tap(bytes.subarray(at, at + piece)));
        expect(found.map(({ topic, payload }) => ({ topic, payload: [...payload] }))).toEqual(
          messages.map(({ topic, payload }) => ({ topic, payload: [...payload] })),
        );
      }),
    );
  });

  test('anything that is not MQTT yields nothing and throws nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(Array.isArray(createMqttTap()(bytes))).toBe(true);
      }),
    );
  });
});
