/** Dynamic areas: what a card shows from RAM, rewritten without limit and lost with power. Onbon K protocol, A3 06. */
import { concat } from '../bytes.ts';

/**
 * A horizontal position or width. `px` travels with bit 15 set, as the document says. `unmarked` has bit 15 clear, and then the
 * unit is the card's own: 8 px on 5K cards, 1 px in what the vendor's program sends to 6K cards (BXK-25, BXK-26).
 */
export type Across = { readonly px: number } | { readonly unmarked: number };

/** 0 loop, 1 stay on the last page, 2 loop then hide after the time-out, 3 loop then logo, 4 once, 5 count. */
export const runModes = { loop: 0, stayOnLast: 1, hideAfterTimeout: 2, logoAfterTimeout: 3, once: 4, count: 5 } as const;
export const horizontals = ['left', 'right', 'centre'] as const;
/** assumed: in the order of `horizontals`; the document names the bits only. */
export const verticals = ['top', 'bottom', 'centre'] as const;
/** 1 static, 2 immediate, 3 left, 4 right, 5 up, 6 down. */
export const displayModes = { static: 1, immediate: 2, left: 3, right: 4, up: 5, down: 6 } as const;

/** How a card with speech (-YY models) speaks. */
export interface Voice {
  /** 0–15. */
  readonly person: number;
  /** Repetitions, 0–15. */
  readonly repeat: number;
  /** 0–10. */
  readonly volume: number;
  /** 0–10. */
  readonly speed: number;
}

/** Numbers are one byte (0–255) unless said otherwise. */
export interface DynamicArea {
  readonly id: number;
  readonly x: Across;
  readonly yPx: number;
  readonly width: Across;
  /** 0–65,535, like `yPx`. */
  readonly heightPx: number;
  readonly lineSpacePx: number;
  /** One of `runModes`. */
  readonly runMode: number;
  /** Seconds, 0–65,535. Modes 2 and 3: how long the area stays without being sent again. */
  readonly timeoutS: number;
  /** Absent: silent. Without `text` the card speaks what it shows. */
  readonly sound?: { readonly voice: Voice; readonly text?: Uint8Array };
  readonly horizontal: (typeof horizontals)[number];
  readonly vertical: (typeof verticals)[number];
  /** 1 single line, 2 several; other values are seen in the field. */
  readonly lines: number;
  /** 1 at `\n` only, 2 also where the area ends. */
  readonly lineBreak: number;
  /** One of `displayModes`. */
  readonly displayMode: number;
  readonly exitMode: number;
  /** 0 is fastest, 24 slowest. */
  readonly speed: number;
  /** Half seconds a page stays. */
  readonly stayHalfS: number;
  /** GB2312 or GBK with the card's escapes; made by `composeText`. */
  readonly text: Uint8Array;
}

const PIXELS = 0x8000;
const LENGTH_BYTES = 2;
/** Where the sound mode stands after the length, and how many bytes follow the sound up to the text. */
const SOUND_AT = 14;
const AFTER_SOUND_BYTES = 12;
const AREA_TYPE = 0;

/** How a distance of `px` is told to a card. Throws `RangeError` if 8-px units cannot express it. */
export function across(px: number, rule: 'marked_pixels' | 'eight_pixels' | 'plain_pixels'): Across {
  if (rule === 'marked_pixels') return { px };
  if (rule === 'plain_pixels') return { unmarked: px };
  if (px % 8 !== 0) throw new RangeError(`${px} px is not a multiple of 8`);
  return { unmarked: px / 8 };
}

function within(name: string, value: number, max: number): number {
  if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError(`${name}: ${value} is not within 0 to ${max}`);
  return value;
}

const acrossWord = (name: string, value: Across): number =>
  'px' in value ? within(name, value.px, PIXELS - 1) | PIXELS : within(name, value.unmarked, PIXELS - 1);

/** The bytes of one area with its length in front. Throws `RangeError` for values a field cannot hold. */
export function encodeArea(area: DynamicArea): Uint8Array {
  const sound = encodeSound(area.sound);
  const after = LENGTH_BYTES + SOUND_AT + sound.length;
  const bytes = new Uint8Array(after + AFTER_SOUND_BYTES + area.text.length);
  const view = new DataView(bytes.buffer);
  const byte = (at: number, name: Exclude<keyof DynamicArea, 'text' | 'sound' | 'x' | 'width' | 'horizontal' | 'vertical'>) =>
    view.setUint8(at, within(name, area[name], 0xff));
  view.setUint16(0, within('area length', bytes.length - LENGTH_BYTES, 0xffff), true);
  view.setUint8(2, AREA_TYPE);
  view.setUint16(3, acrossWord('x', area.x), true);
  view.setUint16(5, within('yPx', area.yPx, 0xffff), true);
  view.setUint16(7, acrossWord('width', area.width), true);
  view.setUint16(9, within('heightPx', area.heightPx, 0xffff), true);
  byte(11, 'id');
  byte(12, 'lineSpacePx');
  byte(13, 'runMode');
  view.setUint16(14, within('timeoutS', area.timeoutS, 0xffff), true);
  bytes.set(sound, LENGTH_BYTES + SOUND_AT);
  view.setUint8(after + 1, horizontals.indexOf(area.horizontal) | (verticals.indexOf(area.vertical) << 2));
  byte(after + 2, 'lines');
  byte(after + 3, 'lineBreak');
  byte(after + 4, 'displayMode');
  byte(after + 5, 'exitMode');
  byte(after + 6, 'speed');
  byte(after + 7, 'stayHalfS');
  view.setUint32(after + 8, area.text.length, true);
  bytes.set(area.text, after + AFTER_SOUND_BYTES);
  return bytes;
}

function encodeSound(sound: DynamicArea['sound']): Uint8Array {
  if (!sound) return Uint8Array.of(0);
  const { person, repeat, volume, speed } = sound.voice;
  const voice = [
    within('person', person, 15) | (within('repeat', repeat, 15) << 4),
    within('volume', volume, 10),
    within('speed', speed, 10),
  ];
  if (!sound.text) return Uint8Array.of(1, ...voice);
  const textBytes = new Uint8Array(4);
  new DataView(textBytes.buffer).setUint32(0, sound.text.length, true);
  return concat(Uint8Array.of(2, ...voice), textBytes, sound.text);
}

/**
 * Reads one area, `bytes` being exactly what its length field covers. Undefined when lengths inside contradict each other
 * (BXK-16), or a field has a value no document gives a meaning.
 */
export function parseArea(bytes: Uint8Array): DynamicArea | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length <= SOUND_AT || bytes[0] !== AREA_TYPE) return undefined;
  const sound = parseSound(bytes, SOUND_AT);
  if (!sound || bytes.length < sound.end + AFTER_SOUND_BYTES) return undefined;
  const after = sound.end;
  const extendBytes = bytes[after] ?? 0;
  const alignment = bytes[after + 1] ?? 0;
  const horizontal = horizontals[alignment & 3];
  const vertical = verticals[(alignment >> 2) & 3];
  const textAt = after + AFTER_SOUND_BYTES;
  if (extendBytes !== 0 || !horizontal || !vertical || textAt + view.getUint32(textAt - 4, true) !== bytes.length)
    return undefined;
  const at = (offset: number): number => bytes[offset] ?? 0;
  return {
    id: at(9),
    x: acrossOf(view.getUint16(1, true)),
    yPx: view.getUint16(3, true),
    width: acrossOf(view.getUint16(5, true)),
    heightPx: view.getUint16(7, true),
    lineSpacePx: at(10),
    runMode: at(11),
    timeoutS: view.getUint16(12, true),
    ...(sound.sound ? { sound: sound.sound } : {}),
    horizontal,
    vertical,
    lines: at(after + 2),
    lineBreak: at(after + 3),
    displayMode: at(after + 4),
    exitMode: at(after + 5),
    speed: at(after + 6),
    stayHalfS: at(after + 7),
    text: bytes.slice(textAt),
  };
}

const acrossOf = (word: number): Across => (word & PIXELS ? { px: word & ~PIXELS } : { unmarked: word });

function parseSound(bytes: Uint8Array, at: number): { sound?: NonNullable<DynamicArea['sound']>; end: number } | undefined {
  const mode = bytes[at];
  if (mode === 0) return { end: at + 1 };
  if (mode !== 1 && mode !== 2) return undefined;
  const first = bytes[at + 1] ?? 0;
  const voice = { person: first & 15, repeat: first >> 4, volume: bytes[at + 2] ?? 0, speed: bytes[at + 3] ?? 0 };
  if (mode === 1) return { sound: { voice }, end: at + 4 };
  if (bytes.length < at + 8) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset + at + 4, 4).getUint32(0, true);
  const end = at + 8 + length;
  return end <= bytes.length ? { sound: { voice, text: bytes.slice(at + 8, end) }, end } : undefined;
}
