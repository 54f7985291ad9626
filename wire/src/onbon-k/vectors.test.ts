import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { concat, crc16Arc, fromHex } from '../index.ts';
import {
  addresses,
  checkModes,
  type DynamicArea,
  encodeFrame,
  encodeReply,
  encodeRequest,
  type Frame,
  parseReply,
  parseRequest,
  type Request,
  scan,
} from './index.ts';
import vectors from './vectors.json' with { type: 'json' };

interface Vector {
  readonly id: string;
  readonly mark: string;
  readonly meaning: string;
  readonly bytes: string;
  readonly destination?: number;
  readonly deviceType?: number;
  readonly request?: Omit<Request, 'areas'> & { areas?: Array<Omit<DynamicArea, 'text'> & { text: string }> };
  readonly reply?: { kind: 'ack' } | { kind: 'nack'; error: number };
  readonly wantsReply?: boolean;
  readonly convention?: 'current' | 'length';
  readonly bodyOnly?: boolean;
  readonly refused?: string;
}
const all = vectors as unknown as Vector[];
const isFrame = ({ bodyOnly }: Vector) => bodyOnly !== true;

/** Text in the table is written as a person reads it; the card gets its GB2312 bytes, escapes included. */
function requestOf({ request }: Vector): Request {
  const areas = request?.areas?.map((area) => ({ ...area, text: Uint8Array.from(iconv.encode(area.text, 'gbk')) }));
  return { ...request, ...(areas ? { areas } : {}) } as Request;
}

function frameOf(vector: Vector): Frame {
  const found = scan(fromHex(vector.bytes)).found;
  const [first] = found;
  if (found.length !== 1 || !first || !('frame' in first)) throw new Error(`${vector.id} is not one frame`);
  return first.frame;
}

test('the table holds every vector of the source document, each with its origin', () => {
  expect(all).toHaveLength(20);
  expect(new Set(all.map(({ id }) => id)).size).toBe(20);
  for (const { source, mark } of vectors) {
    expect(source).not.toBe('');
    expect(mark).toMatch(/^[TCGV]$/);
  }
});

describe.each(all.filter(isFrame))('$id [$mark] $meaning', (vector) => {
  const bytes = fromHex(vector.bytes);

  test('is one frame with nothing left over', () => {
    const { found, rest } = scan(bytes);
    expect(rest).toEqual(new Uint8Array());
    expect(found).toEqual([{ frame: frameOf(vector), bytes }]);
  });

  test('its header says who speaks to whom', () => {
    expect(frameOf(vector)).toMatchObject({
      ...(vector.reply
        ? { destination: addresses.computer, source: 1 }
        : { destination: vector.destination, source: addresses.computer }),
      checkMode: checkModes.crc,
      displayMode: 0,
      deviceType: vector.deviceType ?? 0xfe,
      protocolVersion: 2,
    });
  });

  test('encoding the frame gives its bytes', () => {
    expect(encodeFrame(frameOf(vector))).toEqual(bytes);
  });

  test('any one byte changed after the start marks gives no frame', () => {
    for (let at = 8; at < bytes.length; at += 1) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const damaged = bytes.with(at, (bytes[at] ?? 0) ^ flip);
        expect(scan(damaged).found.filter((item) => 'frame' in item)).toEqual([]);
      }
    }
  });
});

describe.each(all.filter(({ request, bodyOnly }) => request && !bodyOnly))('$id [$mark] as a request', (vector) => {
  const { destination = 0, deviceType, wantsReply = true, convention = 'current' } = vector;

  test('is read as what its source says it does', () => {
    expect(parseRequest(frameOf(vector).data)).toEqual({
      ok: true,
      request: requestOf(vector),
      reply: wantsReply,
      convention,
    });
  });

  test('asking for the same gives its bytes', () => {
    const data = encodeRequest(requestOf(vector), { reply: wantsReply, lengthConvention: convention === 'length' });
    const frame = { ...frameOf(vector), destination, deviceType: deviceType ?? 0xfe, data };
    expect(encodeFrame(frame)).toEqual(fromHex(vector.bytes));
  });
});

describe.each(all.filter(({ reply }) => reply))('$id [$mark] as an answer', (vector) => {
  test('goes both ways', () => {
    expect(parseReply(frameOf(vector).data)).toEqual(vector.reply);
    expect(encodeReply(vector.reply ?? { kind: 'ack' })).toEqual(frameOf(vector).data);
  });
});

test('BXK-17 [T] a body with two areas goes both ways', () => {
  const vector = all.find(({ id }) => id === 'BXK-17') ?? all[0];
  const bytes = fromHex(vector?.bytes ?? '');
  const data = bytes.slice(2);
  expect(data.length).toBe((bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8));
  const request = requestOf(vector as Vector);
  expect(parseRequest(data)).toEqual({ ok: true, request, reply: true, convention: 'length' });
  expect(encodeRequest(request, { lengthConvention: true })).toEqual(data);
});

test('BXK-16 [T] a right frame with a wrong inner length is refused as a request', () => {
  const vector = all.find(({ id }) => id === 'BXK-16') as Vector;
  expect(parseRequest(frameOf(vector).data)).toEqual({ ok: false, error: vector.refused, reply: true });
});

test('the CRC of every vector is that of its header and data, low byte first', () => {
  for (const vector of all.filter(isFrame)) {
    const { data } = frameOf(vector);
    const bytes = fromHex(vector.bytes);
    // None of the vectors needs an escape, so header, data and check stand as they are.
    const covered = bytes.slice(8, -3);
    expect(covered.slice(14)).toEqual(data);
    expect(concat(covered, Uint8Array.of(crc16Arc(covered) & 0xff, crc16Arc(covered) >> 8))).toEqual(bytes.slice(8, -1));
  }
});
