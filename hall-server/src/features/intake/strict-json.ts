/** JSON as we accept it: what `JSON.parse` accepts, without repeated keys and without deep nesting. */
import { HallError } from '@hall/contracts';
import type { StructureFault } from '../../platform/store/protocol.ts';

/** Deepest nesting of objects and arrays accepted. */
export const MAX_DEPTH = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** One value with its text and what is wrong with its structure. */
export interface StrictValue {
  readonly value: unknown;
  readonly text: string;
  readonly fault?: StructureFault;
}

/** Index of the closing quote of the string that opens at `from`. */
function endOfString(text: string, from: number): number {
  let at = text.indexOf('"', from + 1);
  while (at !== -1) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
    at = text.indexOf('"', at + 1);
  }
  return text.length;
}

/** Objects of events have few keys; looking through some is quicker than hashing them. */
const FEW_KEYS = 16;

/** Adds a key to those of an object; false if it is there. */
function addKey(keys: Set<string> | string[], key: string): boolean {
  if (Array.isArray(keys) ? keys.includes(key) : keys.has(key)) return false;
  if (Array.isArray(keys)) keys.push(key);
  else keys.add(key);
  return true;
}

/**
 * Finds the first structural fault of valid JSON text. With `elements` it looks at each element of a top-level array by
 * itself and reports its range, so that one bad element does not condemn its neighbours.
 */
function scan(
  text: string,
  elements?: (start: number, end: number, fault: StructureFault | undefined) => void,
): StructureFault | undefined {
  const keysByLevel: Array<Set<string> | string[]> = [];
  const kinds: number[] = [];
  let fault: StructureFault | undefined;
  let elementStart = -1;
  let keyNext = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      const end = endOfString(text, at);
      if (keyNext) {
        const raw = text.slice(at + 1, end);
        const key = raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
        const keys = keysByLevel[kinds.length] ?? [];
        if (!addKey(keys, key)) fault ??= { code: 'BODY_DUPLICATE_KEY', key };
        else if (Array.isArray(keys) && keys.length > FEW_KEYS) keysByLevel[kinds.length] = new Set(keys);
        keyNext = false;
      }
      if (elementStart === -1 && kinds.length === 1) elementStart = at;
      at = end;
    } else if (unit === OPEN_OBJECT || unit === OPEN_ARRAY) {
      if (elementStart === -1 && kinds.length === 1) elementStart = at;
      kinds.push(unit);
      if (kinds.length > MAX_DEPTH) fault ??= { code: 'BODY_TOO_DEEP', key: '' };
      if (unit === OPEN_OBJECT) {
        keysByLevel[kinds.length] = [];
        keyNext = true;
      } else keyNext = false;
    } else if (unit === CLOSE_OBJECT || unit === CLOSE_ARRAY) {
      if (elements && kinds.length === 1 && elementStart !== -1) elements(elementStart, at, fault);
      kinds.pop();
      keyNext = false;
    } else if (unit === COMMA) {
      keyNext = kinds.at(-1) === OPEN_OBJECT;
      if (kinds.length === 1 && elements) {
        elements(elementStart, at, fault);
        elementStart = -1;
        fault = undefined;
      }
    } else if (unit > 0x20 && unit !== COLON && elementStart === -1 && kinds.length === 1) elementStart = at;
  }
  return fault;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws HallError BODY_NOT_UTF8. */
export function decodeUtf8(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch (error) {
    throw new HallError('BODY_NOT_UTF8', {}, error);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HallError('BODY_NOT_JSON', {}, error);
  }
}

/** One JSON value. @throws HallError BODY_NOT_JSON. */
export function strictValue(text: string): StrictValue {
  const value = parse(text);
  const fault = scan(text);
  return { value, text, ...(fault && { fault }) };
}

/** A value that was put together here from parts that were looked at already. */
export const assembledValue = (text: string, fault: StrictValue['fault']): StrictValue => ({
  value: parse(text),
  text,
  ...(fault && { fault }),
});

/** The elements of a JSON array, each judged by itself; undefined if the text is not an array. @throws HallError BODY_NOT_JSON. */
export function strictElements(text: string): StrictValue[] | undefined {
  const values = parse(text);
  if (!Array.isArray(values)) return undefined;
  const found: StrictValue[] = [];
  if (values.length === 0) return found;
  scan(text, (start, end, fault) => {
    found.push({ value: values[found.length], text: text.slice(start, end).trimEnd(), ...(fault && { fault }) });
  });
  return found;
}
