import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPacketReader, type PayloadPacket } from './mqtt-packets.ts';

const field = (bytes: Uint8Array) => [bytes.length >> 8, bytes.length & 0xff, ...bytes];
const text = (word: string) => field(new TextEncoder().encode(word));
function packet(first: number, body: readonly number[]): number[] {
  const length: number[] = [];
  for (let rest = body.length; length.length === 0 || rest > 0; rest >>= 7) length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return [first, ...length, ...body];
}
const publish = (topic: string, payload: Uint8Array, qos: 0 | 1) =>
  packet(0x30 | (qos << 1), [...text(topic), ...(qos === 0 ? [] : [0, 7]), ...payload]);
const connect = (client: string, will?: { topic: string; payload: Uint8Array }, level = 4) =>
  packet(0x10, [
    ...text('MQTT'),
    level,
    will ? 0xee : 0xc2,
    0,
    5,
    ...text(client),
    ...(will ? [...text(will.topic), ...field(will.payload)] : []),
    ...text('user'),
    ...text('password'),
  ]);
const PINGREQ = [0xc0, 0];

/** Feeds the bytes in pieces of the given sizes, over and over. */
function read(bytes: readonly number[], sizes: readonly number[] = [bytes.length]): PayloadPacket[] {
  const reader = createPacketReader();
  const packets: PayloadPacket[] = [];
  for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
    const size = sizes[piece % sizes.length] ?? 1;
    packets.push(...reader(Uint8Array.from(bytes.slice(at, at + size))));
    at += size;
  }
  return packets;
}

const payload = fc.uint8Array({ maxLength: 300 });
const word = fc.stringMatching(/^[a-z0-9/-]{1,40}$/);

test('messages and last wills come out of any split of the stream as they went in', () => {
  const message = fc.record({ topic: word, payload });
  const anything: fc.Arbitrary<{ bytes: number[]; packets: PayloadPacket[] }> = fc.oneof(
    fc.record({ topic: word, payload, qos: fc.constantFrom(0 as const, 1 as const) }).map(({ qos, ...said }) => ({
      bytes: publish(said.topic, said.payload, qos),
      packets: [{ kind: 'publish' as const, ...said }],
    })),
    fc.record({ client: word, will: message }).map(({ client, will }) => ({
      bytes: connect(client, will),
      packets: [{ kind: 'connect' as const, client, will }],
    })),
    word.map((client) => ({ bytes: connect(client), packets: [{ kind: 'connect' as const, client }] })),
    fc.constant({ bytes: PINGREQ, packets: [] as PayloadPacket[] }),
  );
  fc.assert(
    fc.property(
      fc.array(anything, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      (all, sizes) => {
        const bytes = all.flatMap((one) => one.bytes);
        expect(read(bytes, sizes)).toEqual(all.flatMap((one) => one.packets));
      },
    ),
  );
});

test('a message larger than a broker takes is named, and what follows is read', () => {
  const bytes = [...publish('big', new Uint8Array(300_000), 1), ...publish('small', Uint8Array.of(1), 0)];
  const packets = [
    { kind: 'oversize', topic: 'big' },
    { kind: 'publish', topic: 'small', payload: Uint8Array.of(1) },
  ];
  expect(read(bytes)).toEqual(packets);
  expect(read(bytes, [65_536])).toEqual(packets);
  expect(read(bytes, [3, 299_990])).toEqual(packets);
});

test.each([
  ['MQTT 5', connect('a', undefined, 5)],
  ['a length of five bytes', [0x30, 0xff, 0xff, 0xff, 0xff, 0x7f]],
  ['a topic longer than its packet', packet(0x30, [0, 9, 65])],
  ['a will that ends too early', packet(0x10, [...text('MQTT'), 4, 0xee, 0, 5, ...text('a'), ...text('topic'), 0, 9])],
])('%s is unreadable, and nothing is guessed after it', (_, bytes) => {
  expect(read([...bytes, ...publish('a', Uint8Array.of(1), 0)])).toEqual([{ kind: 'unreadable' }]);
});

test('any bytes at all are read without an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(() => read([...bytes], [7])).not.toThrow();
    }),
  );
});
