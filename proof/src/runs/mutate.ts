/** Bytes of real MQTT sessions, spoiled by a seed. Pure. */

/** What a client sent, packet by packet. */
export type SessionBytes = readonly Uint8Array[];

const MOST_CHANGES = 6;
const SPOILERS = [
  Buffer.from([0]),
  Buffer.from([0xff, 0xff, 0xff, 0x7f]),
  Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]),
  Buffer.from([0xc3, 0x28]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from('#'),
  Buffer.from('+'),
  Buffer.from('$SYS/'),
  Buffer.from('__proto__'),
];

/** Another session made from these; the same for the same `random`, which answers in [0, 1). */
export function mutate(sessions: readonly SessionBytes[], random: () => number): Buffer {
  const pick = (below: number): number => Math.floor(random() * below);
  const one = <T>(from: readonly T[]): T => from[pick(from.length)] as T;
  let packets: Buffer[] = one(sessions).map((packet) => Buffer.from(packet));
  const changes = 1 + pick(MOST_CHANGES);
  for (let change = 0; change < changes; change += 1) {
    const at = pick(packets.length);
    const packet = packets[at] ?? Buffer.alloc(0);
    const byte = pick(packet.length + 1);
    const replace = (by: Buffer) => {
      packets = packets.with(at, by);
    };
    switch (pick(10)) {
      case 0: {
        const flipped = Buffer.from(packet);
        flipped[byte] = (flipped[byte] ?? 0) ^ (1 << pick(8));
        replace(flipped);
        break;
      }
      case 1:
        replace(Buffer.concat([packet.subarray(0, byte), Buffer.from([pick(256)]), packet.subarray(byte + 1)]));
        break;
      case 2:
        replace(Buffer.concat([packet.subarray(0, byte), packet.subarray(byte + 1 + pick(16))]));
        break;
      case 3:
        replace(Buffer.concat([packet.subarray(0, byte), one(SPOILERS), packet.subarray(byte)]));
        break;
      case 4: {
        const spoiler = one(SPOILERS);
        replace(Buffer.concat([packet.subarray(0, byte), spoiler, packet.subarray(byte + spoiler.length)]));
        break;
      }
      case 5:
        replace(packet.subarray(0, byte));
        break;
      case 6:
        packets = packets.toSpliced(at, 0, ...Array.from({ length: 1 + pick(50) }, () => packet));
        break;
      case 7:
        packets = packets.toSpliced(at, 1);
        break;
      case 8:
        packets = packets.with(at, one(packets)).with(pick(packets.length), packet);
        break;
      default:
        packets = packets.toSpliced(at, 0, Buffer.from(one(one(sessions))));
    }
    if (packets.length === 0) packets = [Buffer.from([pick(256), pick(256)])];
  }
  return Buffer.concat(packets);
}
