import { MAX_PACKET_BYTES } from '@hall/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_CONNECT_BYTES, framingGuard } from './framing-guard.ts';

/** A packet of `size` body bytes. */
function packet(type: number, size: number): Uint8Array {
  const length: number[] = [];
  let rest = size;
  do {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Uint8Array.from([type << 4, ...length, ...Array.from({ length: size }, () => 0x7f)]);
}

const join = (packets: readonly Uint8Array[]) => Uint8Array.from(packets.flatMap((bytes) => [...bytes]));

test('any well-formed stream passes, however it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(300), fc.constantFrom(127, 128, 16_383, 16_384)), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }),
      (sizes, cuts) => {
        const stream = join([packet(1, 100), ...sizes.map((size) => packet(3, size))]);
        const guard = framingGuard();
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          expect(guard.take(stream.subarray(at, at + size))).toBeUndefined();
          at += size;
        }
      },
    ),
    { numRuns: 50 },
  );
});

test.each([
  ['a first packet that is not CONNECT', [packet(3, 10)], 'first_packet_not_connect'],
  ['a CONNECT over its limit', [packet(1, MAX_CONNECT_BYTES + 1).subarray(0, 4)], 'packet_too_large'],
  ['a packet over the limit, at its header', [packet(1, 10), packet(3, MAX_PACKET_BYTES + 1).subarray(0, 5)], 'packet_too_large'],
  ['a length of five bytes', [packet(1, 10), Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80)], 'length_malformed'],
  ['plain HTTP', [new TextEncoder().encode('GET / HTTP/1.1\r\n')], 'first_packet_not_connect'],
  ['TLS on the plain port', [Uint8Array.of(0x16, 3, 1, 2, 0)], 'first_packet_not_connect'],
])('%s is a fault', (_, packets, fault) => {
  expect(framingGuard().take(join(packets))).toBe(fault);
});

test('a packet of exactly the limit passes', () => {
  expect(framingGuard().take(join([packet(1, 10), packet(3, MAX_PACKET_BYTES)]))).toBeUndefined();
});

test('what it says to be held is what a packet has sent of itself, and nothing between packets', () => {
  const stream = join([packet(1, 100), packet(3, 300)]);
  const guard = framingGuard();
  const held: number[] = [];
  for (const byte of stream) {
    guard.take(Uint8Array.of(byte));
    held.push(guard.heldBytes);
  }
  const [connect, publish] = [102, 303];
  expect(held).toEqual([
    ...Array.from({ length: connect - 1 }, (_, at) => at + 1),
    0,
    ...Array.from({ length: publish - 1 }, (_, at) => at + 1),
    0,
  ]);
});

test('CONNECT is taken with its last byte', () => {
  const guard = framingGuard();
  const stream = packet(1, 100);
  guard.take(stream.subarray(0, 101));
  expect(guard.connectTaken).toBe(false);
  guard.take(stream.subarray(101));
  expect(guard.connectTaken).toBe(true);
  guard.take(packet(3, 100).subarray(0, 50));
  expect(guard.connectTaken).toBe(true);
});
