/** The contract between a driver and the rest of the agent. */
import { HallError, type Clock, type CommandAct, type ConfirmationLevel, type Freshness } from '@hall/contracts';
import type { BoardView, Scene } from '@hall/templates';
import type { Logger } from 'pino';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { DeviceFinder } from '../discovery/finder.ts';
import type { Boards } from '../kiosk/boards.ts';

/** What the panel itself is to be, apart from the picture on it. */
export interface Panel {
  /** False: dark, whatever the picture. */
  readonly on: boolean;
  /** Percent of the largest; without it as the settings say. */
  readonly brightness?: number;
  /** The command whose picture passes by itself, and the machine time at which it does. */
  readonly passing?: string;
  readonly endsMs?: number;
}
export const plainPanel: Panel = { on: true };

/** What a device says of itself when asked; a device that cannot tell leaves it out. */
export interface Reading {
  readonly on?: boolean;
  /** Percent of the largest. */
  readonly brightness?: number;
  /** Anything else that was read, for the eyes of people; nothing is decided by it. */
  readonly seen?: Readonly<Record<string, string | number>>;
}

/** What a screen is to show, drawn once. */
export interface Drawing {
  /** The drawn picture; devices with text areas or pixels use this. */
  readonly scene: Scene;
  /** The same as a board page lays it out. */
  readonly board: BoardView;
  /** SHA-256 (hex) of the scene. */
  readonly hash: string;
  readonly text: readonly string[];
  /** Wall time of the decision, Unix ms. */
  readonly decidedAt: number;
  /** Machine ms after which a page that hears nothing may no longer believe it. */
  readonly maxAgeMs: number;
  readonly panel: Panel;
}

/** What a picture rests on. */
export interface Basis {
  readonly freshness: Freshness;
  /** Live seq by field the scene was drawn from. */
  readonly fields: Readonly<Record<string, number>>;
}

/** A drawing to be shown. Drivers get it whole; the newest wins. */
export interface Order extends Drawing {
  /** As it is now: newer fields may draw the same picture. */
  basis(): Basis;
  /**
   * Machine time up to which the server vouches for the live content, ms; leases move it on while the picture stays.
   * Undefined where nothing live is shown.
   */
  vouchedUntilMs(): number | undefined;
}

/** Wall-clock fields of the hall, for devices that keep a clock of their own. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 1 Monday … 7 Sunday. */
  readonly weekday: number;
}

/** Characters of a text that the device cannot draw, and what it shows instead. */
export interface Replacement {
  readonly char: string;
  readonly by: string;
}

export interface DriverContext {
  readonly device: string;
  readonly clock: Clock;
  /** Ends the opening; a device that is open is closed by its owner. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly boards: Boards;
  /** Hall time in the hall's zone. */
  localTime(): LocalTime;
  /** What the panel is to be now; for the opening, before the first picture. */
  panel(): Panel;
  /** Adds to a counter of the device; names are up to 40 characters. */
  count(name: string, by?: number): void;
  textReplaced(text: string, replaced: readonly Replacement[]): void;
  /** Bytes in either direction, for traces; costs next to nothing while nobody listens. */
  bytes?(direction: 'in' | 'out', bytes: Uint8Array): void;
}

/** One thing on the wire, as the codec of a driver cuts it out of a stream. */
export interface WirePiece {
  readonly bytes: Uint8Array;
  /** What it says; absent for bytes that are no frame. */
  readonly says?: { readonly zh: string; readonly en: string };
}

/** A live device. It either works or closes; reconnecting is the supervisor's job, never the driver's. */
export interface Device<State = unknown> {
  /**
   * Makes the screen show this and says how sure it is. After opening, the first call sets everything. `none`: nobody vouched for
   * it any more when its turn came, so the screen was told nothing.
   * @throws HallError DEVICE_TIMEOUT, DEVICE_REFUSED, DEVICE_CONFUSED or DEVICE_OFFLINE.
   */
  show(order: Order): Promise<ConfirmationLevel>;
  /** What is known of the device, as far as it was acknowledged or read. */
  read(): State;
  /** Asks the device how it is. @throws HallError as `show`. */
  look?(): Promise<Reading>;
  /**
   * Does one of the driver's acts that are no picture and no state of the panel. Answers what was acknowledged or read.
   * @throws HallError as `show`.
   */
  act?(act: CommandAct): Promise<{ readonly level: ConfirmationLevel; readonly reading: Reading }>;
  /** Settles once, with the reason; never rejects. */
  readonly closed: Promise<Error | undefined>;
  close(): Promise<void>;
}

export interface Driver<C extends TSchema = TSchema, S extends TSchema = TSchema> {
  /** Stored and shown; never renamed. */
  readonly id: string;
  readonly title: string;
  readonly models: readonly string[];
  /** Highest confirmation it can reach. */
  readonly reaches: ConfirmationLevel;
  /** What its devices can be commanded to do; default nothing. */
  readonly acts?: readonly CommandAct[];
  /** Settings of a device. */
  readonly config: C;
  readonly state: S;
  /** Cuts what passed in one direction into frames, for traces; `rest` is the unfinished tail. */
  readonly cut?: (bytes: Uint8Array) => { readonly pieces: readonly WirePiece[]; readonly rest: Uint8Array };
  /** How devices of this driver are found. */
  readonly finders?: readonly DeviceFinder[];
  /** @throws HallError of the opening; DEVICE_SETTINGS_INVALID when settings contradict each other. */
  open(config: Static<C>, context: DriverContext): Promise<Device<Static<S>>>;
}

export const defineDriver = <C extends TSchema, S extends TSchema>(driver: Driver<C, S>): Driver<C, S> => driver;

/**
 * The settings of a device with the driver's defaults.
 * @throws HallError DEVICE_SETTINGS_INVALID with `field` and `reason`.
 */
export function settingsFor<C extends TSchema>(driver: Driver<C>, settings: unknown): Static<C> {
  const filled = Value.Default(driver.config, structuredClone(settings));
  if (Value.Check(driver.config, filled)) return filled;
  const [error] = Value.Errors(driver.config, filled);
  const params = (error?.params ?? {}) as { requiredProperties?: string[] };
  throw new HallError('DEVICE_SETTINGS_INVALID', {
    field: error?.instancePath.slice(1).replaceAll('/', '.') || (params.requiredProperties?.[0] ?? '(settings)'),
    reason: error?.message ?? 'must match the schema',
  });
}
