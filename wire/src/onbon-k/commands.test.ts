import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex } from '../index.ts';
import { encodeRequest, parseRequest, type Request } from './commands.ts';
import { across, type DynamicArea, horizontals, parseArea, verticals } from './dynamic-area.ts';
import { cardErrorOf, cardErrors } from './errors.ts';
import { encodeReply, parseReply } from './replies.ts';
import { encodeStatus, parseStatus } from './status.ts';

const byte = fc.integer({ min: 0, max: 0xff });
const word = fc.integer({ min: 0, max: 0xffff });
const acrossValue = fc.oneof(
  fc.record({ px: fc.integer({ min: 0, max: 0x7fff }) }),
  fc.record({ unmarked: fc.integer({ min: 0, max: 0x7fff }) }),
);
const voice = fc.record({
  person: fc.integer({ min: 0, max: 15 }),
  repeat: fc.integer({ min: 0, max: 15 }),
  volume: fc.integer({ min: 0, max: 10 }),
  speed: fc.integer({ min: 0, max: 10 }),
});
const area: fc.Arbitrary<DynamicArea> = fc.record(
  {
    id: byte,
    x: acrossValue,
    yPx: word,
    width: acrossValue,
    heightPx: word,
    lineSpacePx: byte,
    runMode: byte,
    timeoutS: word,
    sound: fc.record({ voice, text: fc.uint8Array({ maxLength: 8 }) }, { requiredKeys: ['voice'] }),
    horizontal: fc.constantFrom(...horizontals),
    vertical: fc.constantFrom(...verticals),
    lines: byte,
    lineBreak: byte,
    displayMode: byte,
    exitMode: byte,
    speed: byte,
    stayHalfS: byte,
    text: fc.uint8Array({ maxLength: 30 }),
  },
  {
    requiredKeys: [
      ...(['id', 'x', 'yPx', 'width', 'heightPx', 'lineSpacePx', 'runMode', 'timeoutS', 'horizontal', 'vertical'] as const),
      ...(['lines', 'lineBreak', 'displayMode', 'exitMode', 'speed', 'stayHalfS', 'text'] as const),
    ],
  },
);
const level = fc.integer({ min: 0, max: 15 });
const request: fc.Arbitrary<Request> = fc.oneof(
  fc.constantFrom<Request>({ kind: 'ping' }, { kind: 'status' }, { kind: 'clear' }),
  fc.boolean().map((on): Request => ({ kind: 'power', on })),
  fc.record(
    {
      kind: fc.constant('brightness' as const),
      mode: fc.constantFrom('fixed', 'schedule'),
      level,
      levels: fc.array(level, { minLength: 48, maxLength: 48 }),
    },
    { requiredKeys: ['kind', 'mode', 'level'] },
  ),
  fc.record({
    kind: fc.constant('dynamic_areas' as const),
    processMode: fc.constantFrom(0, 1),
    remove: fc.oneof(fc.constant('all' as const), fc.array(byte, { maxLength: 5 })),
    areas: fc.array(area, { maxLength: 4 }),
  }),
  fc
    .date({ min: new Date(Date.UTC(2000, 0, 1)), max: new Date(Date.UTC(2099, 11, 31)), noInvalidDate: true })
    .map((at): Request => ({
      kind: 'set_clock',
      time: {
        year: at.getUTCFullYear(),
        month: at.getUTCMonth() + 1,
        day: at.getUTCDate(),
        hour: at.getUTCHours(),
        minute: at.getUTCMinutes(),
        second: at.getUTCSeconds(),
        weekday: at.getUTCDay() || 7,
      },
    })),
);

describe('requests', () => {
  test('every request comes back as it was asked, in the current convention', () => {
    fc.assert(
      fc.property(request, fc.boolean(), (asked, reply) => {
        expect(parseRequest(encodeRequest(asked, { reply }))).toEqual({ ok: true, request: asked, reply, convention: 'current' });
      }),
    );
  });

  test('arbitrary data is read or refused, never thrown at', () => {
    const start = fc.constantFrom([], [0xa3, 6, 1, 0, 0], [0xa3, 6, 1, 0, 0, 0, 1], [0xa2, 3, 1, 0, 0], [0xa1, 5, 1, 0, 0]);
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 60 }), (head, tail) => {
        const parsed = parseRequest(Uint8Array.from([...head, ...tail]));
        expect(parsed.ok || cardErrors[parsed.error].number > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['nothing at all', '', 'group'],
    ['an unknown group', 'A9 00 01 00 00', 'group'],
    ['an unknown command', 'A3 77 01 00 00', 'command'],
    ['a ping that carries something', 'A2 00 01 00 00 07', 'command'],
    ['power without a state', 'A3 00 01 00 00', 'command'],
    ['power 3', 'A3 00 01 00 00 03', 'command'],
    ['brightness 16', 'A3 02 01 00 00 01 10', 'command'],
    ['brightness mode 3', 'A3 02 01 00 00 03 05', 'command'],
    ['half a brightness schedule', 'A3 02 01 00 00 02 05 01 02 03', 'command'],
    ['a clock with a hexadecimal digit', 'A2 03 01 00 00 24 20 0A 29 13 05 09 04', 'date'],
    ['30 February', 'A2 03 01 00 00 24 20 02 30 13 05 09 05', 'date'],
    ['29 February of a common year', 'A2 03 01 00 00 23 20 02 29 13 05 09 03', 'date'],
    ['24 o’clock', 'A2 03 01 00 00 24 20 02 29 24 05 09 04', 'date'],
    ['more ids to delete than follow', 'A3 06 01 00 00 05 00 01', 'command'],
    ['an area count without areas', 'A3 06 01 00 00 00 01', 'command'],
    ['bytes behind the last area', 'A3 06 01 00 00 00 00 00', 'command'],
    ['a file name with a blank', 'A1 05 01 00 00 01 50 20 30 31 79 00 00 00', 'file_name'],
  ])('%s is refused', (_, hex, error) => {
    expect(parseRequest(fromHex(hex))).toMatchObject({ ok: false, error });
  });

  test('a refused request still says whether an answer is wanted', () => {
    expect(parseRequest(fromHex('A3 77 02 00 00'))).toMatchObject({ ok: false, reply: false });
    expect(parseRequest(fromHex('A3 77 01 00 00'))).toMatchObject({ ok: false, reply: true });
  });

  test('with the length convention only a first byte of 1 clears', () => {
    const clears = (hex: string) => {
      const parsed = parseRequest(fromHex(hex));
      return parsed.ok && parsed.request.kind === 'dynamic_areas' && parsed.request.processMode === 1;
    };
    expect(clears('A3 06 01 02 00 FF 00')).toBe(false);
    expect(clears('A3 06 01 00 00 00 00')).toBe(false);
    expect(clears('A3 06 01 01 00 00 00')).toBe(true);
    expect(clears('A3 06 01 07 00 00 00')).toBe(false);
  });

  test.each<[string, () => unknown]>([
    ['brightness 16', () => encodeRequest({ kind: 'brightness', mode: 'fixed', level: 16 })],
    ['47 levels', () => encodeRequest({ kind: 'brightness', mode: 'schedule', level: 1, levels: Array<number>(47).fill(1) })],
    ['an area id of 256', () => encodeRequest({ kind: 'dynamic_areas', processMode: 0, remove: [256], areas: [] })],
    ['a file name of five', () => encodeRequest({ kind: 'start_write_file', overwrite: true, name: 'P0001', lengthBytes: 1 })],
    ['12 px in units of 8', () => across(12, 'eight_pixels')],
  ])('%s cannot be asked', (_, ask) => {
    expect(ask).toThrow(RangeError);
  });
});

describe('areas', () => {
  test('bit 15 tells pixels from the card’s own unit', () => {
    expect(across(64, 'marked_pixels')).toEqual({ px: 64 });
    expect(across(64, 'eight_pixels')).toEqual({ unmarked: 8 });
    expect(across(64, 'plain_pixels')).toEqual({ unmarked: 64 });
  });

  test('an area is read whole or not at all', () => {
    fc.assert(
      fc.property(area, fc.nat(), (sent, cut) => {
        const data = encodeRequest({ kind: 'dynamic_areas', processMode: 0, remove: [], areas: [sent] });
        const bytes = data.slice(9);
        expect(parseArea(bytes)).toEqual(sent);
        expect(parseArea(bytes.slice(0, cut % bytes.length))).toBeUndefined();
      }),
    );
  });
});

describe('answers', () => {
  test.each(Object.entries(cardErrors))('%s has its number', (word, { number }) => {
    expect(cardErrorOf(number)).toBe(word);
    expect(parseReply(encodeReply({ kind: 'nack', error: number }))).toEqual({ kind: 'nack', error: number });
  });

  test('an error no document names stays a number', () => {
    expect(cardErrorOf(99)).toBeUndefined();
    expect(parseReply(fromHex('A0 01 63 00 00'))).toEqual({ kind: 'nack', error: 99 });
  });

  test('an acknowledgement with an error is a refusal', () => {
    expect(parseReply(fromHex('A0 00 03 00 00'))).toEqual({ kind: 'nack', error: 3 });
  });

  test('nothing else is taken for an acknowledgement', () => {
    expect(parseReply(fromHex('A0 00 00 00'))).toBeUndefined();
    expect(parseReply(fromHex('A2 00 00 00 00'))).toMatchObject({ kind: 'unknown', group: 0xa2 });
    expect(parseReply(fromHex('A0 05 00 00 00'))).toMatchObject({ kind: 'unknown' });
  });

  test('a status goes both ways and keeps what is only assumed apart', () => {
    const status = {
      on: true,
      brightness: 9,
      programmes: 1,
      programme: 'P001',
      areaCount: 2,
      assumed: { clock: fromHex('20 26 11 23 08 10 20 01'), areaIds: [0, 3] },
    };
    expect(parseReply(encodeReply({ kind: 'status', status }))).toEqual({ kind: 'status', status });
    const payload = encodeStatus(status);
    expect(payload[0]).toBe(1);
    expect(payload[1]).toBe(9);
    expect(payload[17]).toBe(2);
    expect(parseStatus(payload.slice(0, 17))).toBeUndefined();
    expect(parseStatus(payload.with(0, 7))).toBeUndefined();
  });
});
