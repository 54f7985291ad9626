/** What the data of a frame to a card says; its answers are in `replies.ts`. Onbon K protocol, command table; see SOURCES.md. */
import { concat } from '../bytes.ts';
import type { CardError } from './errors.ts';
import { type DynamicArea, encodeArea, parseArea } from './dynamic-area.ts';

/** Calendar time as the card keeps it: no zone; the sender converts. */
export interface CardTime {
  /** 0–9999. */
  readonly year: number;
  /** 1–12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 1 Monday … 7 Sunday. */
  readonly weekday: number;
}

export type Request =
  | { readonly kind: 'ping' }
  | { readonly kind: 'status' }
  | { readonly kind: 'set_clock'; readonly time: CardTime }
  | { readonly kind: 'power'; readonly on: boolean }
  | {
      readonly kind: 'brightness';
      readonly mode: 'fixed' | 'schedule';
      /** 0–15. */
      readonly level: number;
      /** One per half hour from midnight, 48 in all; the short form leaves them out. */
      readonly levels?: readonly number[];
    }
  | {
      readonly kind: 'dynamic_areas';
      /** 0 keeps the other areas, 1 clears all and starts anew. */
      readonly processMode: 0 | 1;
      readonly remove: 'all' | readonly number[];
      readonly areas: readonly DynamicArea[];
    }
  | { readonly kind: 'clear' }
  | {
      readonly kind: 'start_write_file';
      readonly overwrite: boolean;
      /** Four ASCII characters, P001. */ readonly name: string;
      readonly lengthBytes: number;
    }
  /** The block layout is not published; it is carried, not read. */
  | { readonly kind: 'write_block'; readonly payload: Uint8Array }
  | { readonly kind: 'begin_files'; readonly payload: Uint8Array }
  | { readonly kind: 'end_files'; readonly payload: Uint8Array };

export interface RequestOptions {
  /** Whether the card is to answer. Default true. */
  readonly reply?: boolean;
  /** Older senders write the payload length into the two bytes after the reply flag (BXK-05, 06, 13, 17). Default false. */
  readonly lengthConvention?: boolean;
}

/** What a request said, or why a card has to refuse it. */
export type ParsedRequest =
  | {
      readonly ok: true;
      readonly request: Request;
      readonly reply: boolean;
      /** Which meaning the two bytes after the reply flag had. */
      readonly convention: 'current' | 'length';
    }
  | { readonly ok: false; readonly error: CardError; readonly reply: boolean };

const codes = {
  ping: [0xa2, 0x00],
  status: [0xa1, 0x02],
  set_clock: [0xa2, 0x03],
  power: [0xa3, 0x00],
  brightness: [0xa3, 0x02],
  dynamic_areas: [0xa3, 0x06],
  clear: [0xa3, 0x10],
  start_write_file: [0xa1, 0x05],
  write_block: [0xa1, 0x06],
  begin_files: [0xa1, 0x07],
  end_files: [0xa1, 0x08],
} as const satisfies Record<Request['kind'], readonly [number, number]>;
const kinds = new Map((Object.keys(codes) as Request['kind'][]).map((kind) => [codes[kind][0] * 256 + codes[kind][1], kind]));
const groups = new Set(Object.values(codes).map(([group]) => group as number));

const REPLY = 1;
const NO_REPLY = 2;
const DELETE_ALL = 0xff;
/** Group, command, reply flag, two bytes. */
const PREFIX_BYTES = 5;
const BRIGHTNESS_LEVELS = 48;
const MAX_BRIGHTNESS = 15;

/** The data of a request frame. Throws `RangeError` for values the command cannot hold. */
export function encodeRequest(request: Request, options: RequestOptions = {}): Uint8Array {
  const payload = encodePayload(request);
  const [group, command] = codes[request.kind];
  const processMode = request.kind === 'dynamic_areas' ? request.processMode : 0;
  const extra = options.lengthConvention ? [payload.length & 0xff, payload.length >> 8] : [processMode, 0];
  return concat(Uint8Array.of(group, command, (options.reply ?? true) ? REPLY : NO_REPLY, ...extra), payload);
}

function encodePayload(request: Request): Uint8Array {
  switch (request.kind) {
    case 'ping':
    case 'status':
    case 'clear':
      return new Uint8Array();
    case 'set_clock':
      return encodeTime(request.time);
    case 'power':
      return Uint8Array.of(request.on ? 1 : 2);
    case 'brightness':
      return encodeBrightness(request);
    case 'dynamic_areas':
      return encodeAreas(request);
    case 'start_write_file':
      return encodeFileStart(request);
    case 'write_block':
    case 'begin_files':
    case 'end_files':
      return request.payload;
  }
}

/** Two decimal digits as one byte. */
const bcd = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10);
const fromBcd = (byte: number): number | undefined =>
  byte >> 4 <= 9 && (byte & 15) <= 9 ? (byte >> 4) * 10 + (byte & 15) : undefined;

function encodeTime(time: CardTime): Uint8Array {
  if (!isTime(time)) throw new RangeError(`not a time: ${JSON.stringify(time)}`);
  const { year, month, day, hour, minute, second, weekday } = time;
  return Uint8Array.from([year % 100, Math.floor(year / 100), month, day, hour, minute, second, weekday], bcd);
}

function isTime({ year, month, day, hour, minute, second, weekday }: CardTime): boolean {
  const between = (value: number, min: number, max: number) => Number.isInteger(value) && value >= min && value <= max;
  return (
    between(year, 0, 9999) &&
    between(month, 1, 12) &&
    between(day, 1, new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()) &&
    between(hour, 0, 23) &&
    between(minute, 0, 59) &&
    between(second, 0, 59) &&
    between(weekday, 1, 7)
  );
}

function encodeBrightness({ mode, level, levels }: Extract<Request, { kind: 'brightness' }>): Uint8Array {
  for (const value of [level, ...(levels ?? [])]) {
    if (!Number.isInteger(value) || value < 0 || value > MAX_BRIGHTNESS)
      throw new RangeError(`brightness ${value} is not within 0 to 15`);
  }
  if (levels && levels.length !== BRIGHTNESS_LEVELS) throw new RangeError('a schedule has 48 levels');
  return Uint8Array.of(mode === 'fixed' ? 1 : 2, level, ...(levels ?? []));
}

function encodeAreas({ remove, areas }: Extract<Request, { kind: 'dynamic_areas' }>): Uint8Array {
  const ids = remove === 'all' ? [] : remove;
  if (ids.length >= DELETE_ALL || areas.length > 0xff) throw new RangeError('too many areas for one frame');
  if (ids.some((id) => !Number.isInteger(id) || id < 0 || id > 0xff)) throw new RangeError('an area id is not within 0 to 255');
  return concat(Uint8Array.of(remove === 'all' ? DELETE_ALL : ids.length, ...ids, areas.length), ...areas.map(encodeArea));
}

function encodeFileStart({ overwrite, name, lengthBytes }: Extract<Request, { kind: 'start_write_file' }>): Uint8Array {
  if (!/^[0-9A-Za-z]{4}$/.test(name)) throw new RangeError(`not a file name: ${name}`);
  const payload = new Uint8Array(9);
  payload[0] = overwrite ? 1 : 0;
  payload.set(
    Uint8Array.from(name, (char) => char.charCodeAt(0)),
    1,
  );
  new DataView(payload.buffer).setUint32(5, lengthBytes, true);
  return payload;
}

/**
 * Reads a request as a card does. A first byte of 1 after the reply flag means "clear and start anew" for dynamic areas,
 * whatever the sender meant by it; every other value is ignored.
 */
export function parseRequest(data: Uint8Array): ParsedRequest {
  const [group = 0, command = 0, flag = 0, first = 0, second = 0] = data;
  const reply = flag !== NO_REPLY;
  const refuse = (error: CardError): ParsedRequest => ({ ok: false, error, reply });
  if (data.length < PREFIX_BYTES || !groups.has(group)) return refuse('group');
  const kind = kinds.get(group * 256 + command);
  if (!kind) return refuse('command');
  const payload = data.slice(PREFIX_BYTES);
  const request = parsePayload(kind, payload, first === 1 ? 1 : 0);
  if (!('kind' in request)) return refuse(request.error);
  const isLength = payload.length > 0 && (first | (second << 8)) === payload.length;
  return { ok: true, request, reply, convention: isLength ? 'length' : 'current' };
}

type Refusal = { readonly error: CardError };
/** assumed: no document says which number a card answers when lengths inside a command contradict each other. */
const malformed: Refusal = { error: 'command' };

function parsePayload(kind: Request['kind'], payload: Uint8Array, processMode: 0 | 1): Request | Refusal {
  switch (kind) {
    case 'ping':
    case 'status':
    case 'clear':
      return payload.length === 0 ? { kind } : malformed;
    case 'set_clock':
      return parseTime(payload);
    case 'power': {
      const [state] = payload;
      return payload.length === 1 && (state === 1 || state === 2) ? { kind, on: state === 1 } : malformed;
    }
    case 'brightness':
      return parseBrightness(payload);
    case 'dynamic_areas':
      return parseAreas(payload, processMode);
    case 'start_write_file':
      return parseFileStart(payload);
    case 'write_block':
    case 'begin_files':
    case 'end_files':
      return { kind, payload };
  }
}

function parseTime(payload: Uint8Array): Request | Refusal {
  if (payload.length !== 8) return malformed;
  const [yearLow, yearHigh, month, day, hour, minute, second, weekday] = Array.from(
    payload,
    (byte) => fromBcd(byte) ?? Number.NaN,
  );
  const time = {
    year: (yearHigh ?? 0) * 100 + (yearLow ?? 0),
    month: month ?? 0,
    day: day ?? 0,
    hour: hour ?? 0,
    minute: minute ?? 0,
    second: second ?? 0,
    weekday: weekday ?? 0,
  };
  return isTime(time) ? { kind: 'set_clock', time } : { error: 'date' };
}

function parseBrightness(payload: Uint8Array): Request | Refusal {
  const [mode, level = 0, ...levels] = payload;
  const isShort = payload.length === 2;
  if ((mode !== 1 && mode !== 2) || (!isShort && levels.length !== BRIGHTNESS_LEVELS)) return malformed;
  if ([level, ...levels].some((value) => value > MAX_BRIGHTNESS)) return malformed;
  return { kind: 'brightness', mode: mode === 1 ? 'fixed' : 'schedule', level, ...(isShort ? {} : { levels }) };
}

function parseAreas(payload: Uint8Array, processMode: 0 | 1): Request | Refusal {
  const removeCount = payload[0] ?? 0;
  const idsEnd = 1 + (removeCount === DELETE_ALL ? 0 : removeCount);
  const count = payload[idsEnd];
  if (count === undefined) return malformed;
  const areas: DynamicArea[] = [];
  let at = idsEnd + 1;
  for (let index = 0; index < count; index += 1) {
    const length = (payload[at] ?? 0) | ((payload[at + 1] ?? 0) << 8);
    const end = at + 2 + length;
    const area = end <= payload.length ? parseArea(payload.subarray(at + 2, end)) : undefined;
    if (!area) return malformed;
    areas.push(area);
    at = end;
  }
  if (at !== payload.length) return malformed;
  const remove = removeCount === DELETE_ALL ? 'all' : [...payload.subarray(1, idsEnd)];
  return { kind: 'dynamic_areas', processMode, remove, areas };
}

function parseFileStart(payload: Uint8Array): Request | Refusal {
  const name = String.fromCharCode(...payload.subarray(1, 5));
  if (payload.length !== 9) return malformed;
  if (!/^[0-9A-Za-z]{4}$/.test(name)) return { error: 'file_name' };
  const lengthBytes = new DataView(payload.buffer, payload.byteOffset + 5, 4).getUint32(0, true);
  return { kind: 'start_write_file', overwrite: payload[0] === 1, name, lengthBytes };
}
