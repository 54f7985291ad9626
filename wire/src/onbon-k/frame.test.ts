import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, sum16, toHex } from '../index.ts';
import {
  addresses,
  answerTo,
  checkModes,
  damagedFrame,
  deviceTypes,
  encodeFrame,
  escapeBytes,
  type Frame,
  MAX_DATA_BYTES,
  modelOf,
  modelsNamed,
  scan,
  toScreen,
  unescapeBytes,
} from './frame.ts';

const marks = [0xa5, 0xa6, 0x5a, 0x5b];
/** Bytes among which the protocol's own marks are common. */
const bytes = (maxLength: number) =>
  fc
    .array(fc.oneof(fc.constantFrom(...marks, 1, 2), fc.integer({ min: 0, max: 255 })), { maxLength })
    .map((list) => Uint8Array.from(list));
const word = fc.integer({ min: 0, max: 0xffff });
const byte = fc.integer({ min: 0, max: 0xff });
const frame: fc.Arbitrary<Frame> = fc
  .record({
    destination: word,
    source: word,
    checkMode: fc.constantFrom(checkModes.crc, checkModes.sum),
    displayMode: byte,
    deviceType: byte,
    protocolVersion: byte,
    data: bytes(40),
    barCode: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }), { nil: undefined, freq: 8 }),
  })
  .map(({ barCode, ...rest }) => ({ ...rest, ...(barCode ? { barCode } : {}) }));
const framesIn = (stream: Uint8Array): Frame[] => scan(stream).found.flatMap((item) => ('frame' in item ? [item.frame] : []));

/** What a session hears when the stream comes in the given pieces. */
function inPieces(stream: Uint8Array, cuts: readonly number[]): { frames: Frame[]; bad: number; rest: Uint8Array } {
  const ends = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
  const frames: Frame[] = [];
  let rest: Uint8Array = new Uint8Array();
  let bad = 0;
  let from = 0;
  for (const end of ends) {
    const result = scan(concat(rest, stream.subarray(from, end)));
    rest = result.rest;
    from = end;
    for (const item of result.found) {
      if ('frame' in item) frames.push(item.frame);
      else bad += item.bad.length;
    }
  }
  return { frames, bad, rest };
}

describe('escaping', () => {
  test('goes both ways and leaves no mark inside', () => {
    fc.assert(
      fc.property(bytes(60), (plain) => {
        const escaped = escapeBytes(plain);
        expect(escaped.some((value) => value === 0xa5 || value === 0x5a)).toBe(false);
        expect(unescapeBytes(escaped)).toEqual(plain);
      }),
    );
  });

  test.each([
    [[0xa5], [0xa6, 2]],
    [[0xa6], [0xa6, 1]],
    [[0x5a], [0x5b, 2]],
    [[0x5b], [0x5b, 1]],
  ])('%j → %j', (plain, escaped) => {
    expect([...escapeBytes(Uint8Array.from(plain))]).toEqual(escaped);
  });

  test.each([[[0xa6]], [[0xa6, 3]], [[0x5b, 0]], [[0x5b]], [[1, 0xa5]], [[0x5a]]])('%j means nothing', (escaped) => {
    expect(unescapeBytes(Uint8Array.from(escaped))).toBeUndefined();
  });
});

describe('scan', () => {
  test('every frame comes back as it was sent', () => {
    fc.assert(
      fc.property(frame, (sent) => {
        expect(framesIn(encodeFrame(sent))).toEqual([sent]);
      }),
    );
  });

  test('gives the same frames however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), bytes(12), fc.array(fc.nat(), { maxLength: 12 }), (sent, noise, cuts) => {
        const stream = concat(...sent.flatMap((one) => [noise, encodeFrame(one)]));
        const whole = scan(stream);
        const cut = inPieces(stream, cuts);
        expect(cut.frames).toEqual(whole.found.flatMap((item) => ('frame' in item ? [item.frame] : [])));
        expect(cut.rest).toEqual(whole.rest);
      }),
    );
  });

  test('one corrupted byte costs at most one frame and makes none', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        (sent, place, flip, cuts) => {
          const stream = concat(...sent.map(encodeFrame));
          const at = place % stream.length;
          const { frames } = inPieces(stream.with(at, (stream[at] ?? 0) ^ flip), cuts);
          const missing = sent.length - frames.length;
          expect(missing === 0 || missing === 1).toBe(true);
          const left = frames.map((one) => toHex(encodeFrame(one)));
          // What is left is what was sent, in order, with at most one taken out.
          const skipped = sent.findIndex((one, index) => toHex(encodeFrame(one)) !== left[index]);
          const rest = missing === 0 ? sent : sent.toSpliced(skipped, 1);
          expect(frames).toEqual(rest);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('never throws, accounts for every byte and keeps a bounded tail', () => {
    fc.assert(
      fc.property(bytes(400), (stream) => {
        const { found, rest } = scan(stream);
        const seen = found.map((item) => ('frame' in item ? item.bytes : item.bad));
        expect(concat(...seen, rest)).toEqual(stream);
        for (const part of seen) expect(part.length).toBeGreaterThan(0);
        expect(scan(rest)).toEqual({ found: [], rest });
      }),
    );
  });

  test('an endless line of start marks, or a frame without an end, is not kept', () => {
    expect(scan(new Uint8Array(10_000).fill(0xa5)).rest).toHaveLength(8);
    const endless = concat(Uint8Array.of(0xa5), new Uint8Array(10_000));
    expect(scan(endless)).toMatchObject({ rest: new Uint8Array() });
    const next = encodeFrame(toScreen(1, Uint8Array.of(0xa2, 0, 1, 0, 0)));
    expect(framesIn(concat(endless, next))).toHaveLength(1);
  });

  test('one start mark is enough', () => {
    const sent = toScreen(1, Uint8Array.of(0xa2, 0, 1, 0, 0));
    expect(framesIn(encodeFrame(sent).slice(7))).toEqual([sent]);
  });

  test('a frame cut short by the next one is dropped, the next is heard', () => {
    const sent = toScreen(1, Uint8Array.of(0xa2, 0, 1, 0, 0));
    const whole = encodeFrame(sent);
    expect(framesIn(concat(whole.slice(0, 20), whole))).toEqual([sent]);
  });

  test('a frame without a check is taken only with a zero check field', () => {
    const sent: Frame = { ...toScreen(1, Uint8Array.of(0xa2, 0, 1, 0, 0)), checkMode: checkModes.none };
    const whole = encodeFrame(sent);
    expect(whole.slice(-3)).toEqual(Uint8Array.of(0, 0, 0x5a));
    expect(framesIn(whole)).toEqual([sent]);
    expect(scan(whole.with(whole.length - 2, 1)).found).toMatchObject([{ why: 'checksum' }]);
  });

  test('the sum check is the sum of header and data, low byte first', () => {
    const whole = encodeFrame({ ...toScreen(1, Uint8Array.of(0xa2, 0, 1, 0, 0)), checkMode: checkModes.sum });
    const sum = sum16(whole.slice(8, -3));
    expect(whole.slice(-3)).toEqual(Uint8Array.of(sum & 0xff, sum >> 8, 0x5a));
  });

  test('a length field that disagrees with a right check is noise', () => {
    const plain = Uint8Array.of(1, 0, 0, 0x80, 0, 0, 0, 0, 1, 0, 0xfe, 2, 9, 0, 0xa2);
    const sum = sum16(plain);
    const stream = concat(
      Uint8Array.of(0xa5),
      escapeBytes(concat(plain, Uint8Array.of(sum & 0xff, sum >> 8))),
      Uint8Array.of(0x5a),
    );
    expect(scan(stream).found).toEqual([{ bad: stream, why: 'noise' }]);
  });
});

test('data up to the limit is sent, a byte more is the caller’s mistake', () => {
  const longest = toScreen(1, new Uint8Array(MAX_DATA_BYTES).fill(0xa5));
  expect(framesIn(encodeFrame(longest))).toEqual([longest]);
  expect(() => encodeFrame(toScreen(1, new Uint8Array(MAX_DATA_BYTES + 1)))).toThrow(RangeError);
  expect(() => encodeFrame(toScreen(0x10000, new Uint8Array()))).toThrow(RangeError);
});

test('a damaged frame still says whom it seemed to be for', () => {
  const whole = encodeFrame(toScreen(7, Uint8Array.of(0xa2, 0, 1, 0, 0)));
  const damaged = whole.with(whole.length - 4, 0x33);
  expect(damagedFrame(damaged)).toMatchObject({ destination: 7, source: addresses.computer });
  expect(damagedFrame(Uint8Array.of(0xa5, 1, 2, 0x5a))).toBeUndefined();
  expect(damagedFrame(Uint8Array.of(1, 2, 3))).toBeUndefined();
});

test('an answer names no model unless the card names its own', () => {
  const question = toScreen(1, Uint8Array.of(0xa2, 0, 1, 0, 0));
  const ack = Uint8Array.of(0xa0, 0, 0, 0, 0);
  // BXK-08, an answer in somebody else's working code.
  const outside = Buffer.from('a5a5a5a5a5a5a5a500800100000000000000fe020500a00000000064dc5a', 'hex');
  expect(Buffer.from(encodeFrame(answerTo(question, 1, ack)))).toEqual(outside);
  const [known] = framesIn(outside);
  expect(known && modelOf(known.deviceType)).toBeUndefined();
  expect(
    framesIn(encodeFrame(answerTo(question, 1, ack, deviceTypes['6K1-YY']))).map(({ deviceType }) => modelOf(deviceType)),
  ).toEqual(['BX-6K1-YY']);
  expect(modelsNamed).toHaveLength(Object.keys(deviceTypes).length - 1);
  expect(modelOf(0x00)).toBeUndefined();
});
