/**
 * Frame of Onbon BX-5K/6K font-library cards: `A5… | escaped( header 14 | data | check 2 ) | 5A`.
 * Numbers are little-endian; lengths and check are taken before escaping. Onbon K protocol; see SOURCES.md.
 */
import { concat } from '../bytes.ts';
import { crc16Arc, sum16 } from '../checksum.ts';
import type { Found, Rejection, Scan } from '../scan.ts';

const START = 0xa5;
const END = 0x5a;
const START_ESCAPE = 0xa6;
const END_ESCAPE = 0x5b;
/** A sender emits eight start marks; a receiver takes one or more. */
const START_MARKS = 8;
const HEADER_BYTES = 14;
const BAR_CODE_BYTES = 16;
const CHECK_BYTES = 2;
/** Largest `data` we send or believe; the card's own limit is not published. assumed: far above any dynamic text. */
export const MAX_DATA_BYTES = 2048;
const MAX_ESCAPED_BYTES = 2 * (HEADER_BYTES + BAR_CODE_BYTES + MAX_DATA_BYTES + CHECK_BYTES);

/** 0 CRC-16/ARC, 1 sum of bytes, 2 none. */
export const checkModes = { crc: 0, sum: 1, none: 2 } as const;
export type CheckMode = (typeof checkModes)[keyof typeof checkModes];

/** Screen numbers with a meaning of their own; 8000–DFFF are reserved. */
export const addresses = {
  /** Where a card stands that was never given a number. */
  firstScreen: 0x0001,
  /** The sending computer. */
  computer: 0x8000,
  /** Every card, and every card answers. */
  broadcastWithReply: 0xfffe,
  /** Every card, and nobody answers. */
  broadcast: 0xffff,
} as const;

/** Device types of the header; FE is any. */
export const deviceTypes = {
  any: 0xfe,
  '5K1': 0x51,
  '5K2': 0x58,
  '5MK2': 0x53,
  '5MK1': 0x54,
  '5K1Q-YY': 0x5c,
  '6K1': 0x61,
  '6K2': 0x62,
  '6K3': 0x63,
  '6K1-YY': 0x64,
  '6K2-YY': 0x65,
  '6K3-YY': 0x66,
  '6K1-4G': 0x67,
  '6K2-4G': 0x68,
  LZ_5K1: 0x5f,
} as const;

export interface Header {
  /** Screen number, or one of `addresses`. */
  readonly destination: number;
  readonly source: number;
  readonly checkMode: CheckMode;
  /** 0 normal, 1 dynamic areas first. */
  readonly displayMode: number;
  /** One of `deviceTypes`, or a number not known here. */
  readonly deviceType: number;
  /** 2 in every frame known. */
  readonly protocolVersion: number;
  /** 16 bytes after the header, only when setting the address of a card by its bar code. */
  readonly barCode?: Uint8Array;
}
export interface Frame extends Header {
  /** Group, command and what they carry; see `commands.ts`. At most `MAX_DATA_BYTES`. */
  readonly data: Uint8Array;
}

/** A frame from the computer to a card, with the usual header. */
export const toScreen = (destination: number, data: Uint8Array): Frame => ({
  destination,
  source: addresses.computer,
  checkMode: checkModes.crc,
  displayMode: 0,
  deviceType: deviceTypes.any,
  protocolVersion: 2,
  data,
});

/**
 * A card's answer to a frame. `source` is the card's own number (vectors BXK-08, BXK-30). In both vectors the device type is FE;
 * assumed: a card that names its own type does it there.
 */
export const answerTo = (request: Header, source: number, data: Uint8Array, deviceType: number = deviceTypes.any): Frame => ({
  ...toScreen(request.source, data),
  source,
  deviceType,
});

const modelNames = new Map(Object.entries(deviceTypes).map(([name, type]) => [type as number, name]));
/** The model of a header's device type, BX-6K1; undefined for FE and for numbers no document names. */
export function modelOf(deviceType: number): string | undefined {
  const name = deviceType === deviceTypes.any ? undefined : modelNames.get(deviceType);
  return name === undefined ? undefined : name.startsWith('LZ_') ? name : `BX-${name}`;
}
/** Every model a header can name. */
export const modelsNamed: readonly string[] = [...modelNames.keys()].flatMap((type) => modelOf(type) ?? []);

const twoBytes = (value: number): Uint8Array => Uint8Array.of(value & 0xff, value >>> 8);
const check = (mode: CheckMode, bytes: Uint8Array): number =>
  mode === checkModes.crc ? crc16Arc(bytes) : mode === checkModes.sum ? sum16(bytes) : 0;

/** The bytes of a frame. Throws `RangeError` for values the header cannot hold: a caller's mistake, never a device's. */
export function encodeFrame(frame: Frame): Uint8Array {
  const { destination, source, checkMode, displayMode, deviceType, protocolVersion, barCode, data } = frame;
  for (const [value, max] of [
    [destination, 0xffff],
    [source, 0xffff],
    [checkMode, 2],
    [displayMode, 0xff],
    [deviceType, 0xff],
    [protocolVersion, 0xff],
    [data.length, MAX_DATA_BYTES],
  ] as const) {
    if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`${value} is not within 0 to ${max}`);
  }
  if (barCode && barCode.length !== BAR_CODE_BYTES) throw new RangeError('a bar code has 16 bytes');
  const header = concat(
    twoBytes(destination),
    twoBytes(source),
    Uint8Array.of(0, 0, 0, barCode ? 1 : 0, checkMode, displayMode, deviceType, protocolVersion),
    twoBytes(data.length),
  );
  const body = concat(header, barCode ?? new Uint8Array(), data);
  const bytes = new Uint8Array(START_MARKS + 2 * (body.length + 2) + 1).fill(START, 0, START_MARKS);
  const end = escapeInto(bytes, escapeInto(bytes, START_MARKS, body), twoBytes(check(checkMode, body)));
  bytes[end] = END;
  return bytes.subarray(0, end + 1);
}

/** Writes bytes escaped; the place after them. */
function escapeInto(target: Uint8Array, start: number, bytes: Uint8Array): number {
  let at = start;
  for (const byte of bytes) {
    const mark = byte === START || byte === END;
    if (mark || byte === START_ESCAPE || byte === END_ESCAPE) {
      target[at] = byte === START || byte === START_ESCAPE ? START_ESCAPE : END_ESCAPE;
      target[at + 1] = mark ? 2 : 1;
      at += 2;
    } else {
      target[at] = byte;
      at += 1;
    }
  }
  return at;
}

/** Replaces the four bytes that mark or escape: A5 → A6 02, A6 → A6 01, 5A → 5B 02, 5B → 5B 01. */
export function escapeBytes(bytes: Uint8Array): Uint8Array {
  const escaped = new Uint8Array(2 * bytes.length);
  return escaped.subarray(0, escapeInto(escaped, 0, bytes));
}

/** The opposite of `escapeBytes`; undefined for a mark, or an escape that means nothing. */
export function unescapeBytes(bytes: Uint8Array): Uint8Array | undefined {
  const plain = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    let byte = bytes[at] ?? 0;
    if (byte === START || byte === END) return undefined;
    if (byte === START_ESCAPE || byte === END_ESCAPE) {
      at += 1;
      const kind = bytes[at];
      if (kind !== 1 && kind !== 2) return undefined;
      if (kind === 2) byte = byte === START_ESCAPE ? START : END;
    }
    plain[length] = byte;
    length += 1;
  }
  return plain.slice(0, length);
}

/**
 * Whole frames, rejected bytes and the tail of what came from a link. The marks never stand inside a frame, so a damaged byte
 * cannot take a neighbour along: a lost end mark is noticed at the next start mark, a false one leaves noise up to it.
 */
export function scan(bytes: Uint8Array): Scan<Frame> {
  const found: Array<Found<Frame>> = [];
  const reject = (from: number, to: number, why: Rejection = 'noise'): void => {
    if (to > from) found.push({ bad: bytes.slice(from, to), why });
  };
  let at = 0;
  for (;;) {
    const mark = bytes.indexOf(START, at);
    if (mark === -1) {
      reject(at, bytes.length);
      return { found, rest: new Uint8Array() };
    }
    let body = mark;
    while (bytes[body] === START) body += 1;
    // More marks than a sender emits are noise; the tail stays bounded on a line that idles at A5.
    const start = Math.max(mark, body - START_MARKS);
    reject(at, start);
    const end = nextMark(bytes, body);
    if (end - body > MAX_ESCAPED_BYTES) {
      reject(start, end);
      at = end;
    } else if (end === bytes.length) {
      return { found, rest: bytes.slice(start) };
    } else if (bytes[end] === START) {
      reject(start, end);
      at = end;
    } else {
      at = end + 1;
      const frame = read(bytes.subarray(body, end));
      if (typeof frame === 'string') reject(start, at, frame);
      else found.push({ frame, bytes: bytes.slice(start, at) });
    }
  }
}

/** Where the next start or end mark stands, or the end of the bytes. */
function nextMark(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== START && bytes[at] !== END) at += 1;
  return at;
}

function read(escaped: Uint8Array): Frame | Rejection {
  const plain = unescapeBytes(escaped);
  if (!plain) return 'noise';
  const header = headerOf(plain);
  if (!header) return 'noise';
  const covered = plain.subarray(0, plain.length - CHECK_BYTES);
  const sum = word(plain, covered.length);
  // Mode "none" leaves the field zero (the one public sender of it does). assumed: anything else is a damaged mode byte.
  if (sum !== check(header.checkMode, covered)) return 'checksum';
  const dataAt = HEADER_BYTES + (header.barCode ? BAR_CODE_BYTES : 0);
  if (covered.length !== dataAt + word(plain, 12) || word(plain, 12) > MAX_DATA_BYTES) return 'noise';
  return { ...header, data: covered.slice(dataAt) };
}

const word = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);

function headerOf(plain: Uint8Array): Header | undefined {
  const checkMode = plain[8];
  if (checkMode !== 0 && checkMode !== 1 && checkMode !== 2) return undefined;
  const hasBarCode = ((plain[7] ?? 0) & 1) === 1;
  if (plain.length < HEADER_BYTES + (hasBarCode ? BAR_CODE_BYTES : 0) + CHECK_BYTES) return undefined;
  return {
    destination: word(plain, 0),
    source: word(plain, 2),
    checkMode,
    displayMode: plain[9] ?? 0,
    deviceType: plain[10] ?? 0,
    protocolVersion: plain[11] ?? 0,
    ...(hasBarCode ? { barCode: plain.slice(HEADER_BYTES, HEADER_BYTES + BAR_CODE_BYTES) } : {}),
  };
}

/**
 * What a rejected frame seems to say about itself, so that a card can refuse it by name. Nothing in it is to be believed
 * further than that. Undefined when it is not even framed.
 */
export function damagedFrame(bad: Uint8Array): Frame | undefined {
  if (bad[0] !== START || bad.at(-1) !== END) return undefined;
  const plain = unescapeBytes(bad.subarray(bad.lastIndexOf(START) + 1, -1));
  const header = plain && headerOf(plain);
  return header && { ...header, data: plain.slice(HEADER_BYTES, -CHECK_BYTES) };
}
