/**
 * The answer to A1 02. Only partly known: the offsets are those the vendor's two demo programs use on the SDK's status buffer,
 * taken here as the payload of the answer. assumed: all of it, until a card has been asked.
 */

/** Offsets on which the vendor's two demos agree, and how sure each is. */
export const statusFields = {
  on: { offset: 0, basis: 'both_demos' },
  brightness: { offset: 1, basis: 'both_demos' },
  clock: { offset: 2, basis: 'assumed' },
  programmes: { offset: 10, basis: 'both_demos' },
  programme: { offset: 11, basis: 'both_demos' },
  areaCount: { offset: 17, basis: 'both_demos' },
  areaIds: { offset: 18, basis: 'assumed' },
} as const;

export interface CardStatus {
  readonly on: boolean;
  readonly brightness: number;
  /** How many programmes are stored in flash. */
  readonly programmes: number;
  /** The one playing, P001. */
  readonly programme: string;
  readonly areaCount: number;
  /** What the card says in the places where no two sources agree: show it, decide nothing by it. */
  readonly assumed: { readonly clock: Uint8Array; readonly areaIds: readonly number[] };
}

const FIXED_BYTES = 18;
const CLOCK_BYTES = 8;
const NAME_BYTES = 4;

/** The payload of a status answer. */
export function encodeStatus(status: CardStatus): Uint8Array {
  const { on, brightness, programmes, programme, areaCount, assumed } = status;
  const payload = new Uint8Array(FIXED_BYTES + assumed.areaIds.length);
  payload[statusFields.on.offset] = on ? 1 : 2;
  payload[statusFields.brightness.offset] = brightness;
  payload.set(assumed.clock.subarray(0, CLOCK_BYTES), statusFields.clock.offset);
  payload[statusFields.programmes.offset] = programmes;
  const name = Uint8Array.from(programme.slice(0, NAME_BYTES), (char) => char.charCodeAt(0));
  payload.set(name, statusFields.programme.offset);
  payload[statusFields.areaCount.offset] = areaCount;
  payload.set(assumed.areaIds, statusFields.areaIds.offset);
  return payload;
}

/** Undefined when it is shorter than the fields all sources agree on, or says neither on nor off. */
export function parseStatus(payload: Uint8Array): CardStatus | undefined {
  const at = (offset: number): number => payload[offset] ?? 0;
  const power = at(statusFields.on.offset);
  if (payload.length < FIXED_BYTES || (power !== 1 && power !== 2)) return undefined;
  const clockAt = statusFields.clock.offset;
  const nameAt = statusFields.programme.offset;
  const areaCount = at(statusFields.areaCount.offset);
  return {
    on: power === 1,
    brightness: at(statusFields.brightness.offset),
    programmes: at(statusFields.programmes.offset),
    programme: String.fromCharCode(...payload.subarray(nameAt, nameAt + NAME_BYTES)).replace(/\0+$/, ''),
    areaCount,
    assumed: {
      clock: payload.slice(clockAt, clockAt + CLOCK_BYTES),
      areaIds: [...payload.subarray(statusFields.areaIds.offset, statusFields.areaIds.offset + areaCount)],
    },
  };
}
