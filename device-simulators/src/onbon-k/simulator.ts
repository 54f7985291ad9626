/** A BX-5K/6K card that speaks its real protocol over any stream, refuses what a card refuses, and can be looked at. */
import type { Duplex } from 'node:stream';
import type { Clock, Picture } from '@hall/contracts';
import { concat, onbonK } from '@hall/wire';
import { type AttachOptions, type ByteLink, linkOf, paced } from '../byte-link.ts';
import { createFaults, type Faults } from '../faults.ts';
import type { CardArea, CardLimits } from './areas.ts';
import { type CardReply, createCard } from './card.ts';
import type { Screen } from './draw.ts';
import { createFrameLog, type FrameRecord } from './frame-log.ts';

export interface OnbonKOptions {
  readonly clock: Clock;
  /** Default 192. */
  readonly widthPx?: number;
  /** Default 32. */
  readonly heightPx?: number;
  /** Default 2: red, green, and both as yellow. */
  readonly colours?: 1 | 2;
  /** Screen number; default 1. */
  readonly address?: number;
  /** Whether it answers what is asked of every card (FFFE); default true. */
  readonly answersAll?: boolean;
  /** Type its answers name in their header; default FE, as in the answers that are known. */
  readonly deviceType?: number;
  /** The font in the card; default GB2312. */
  readonly charset?: onbonK.Charset;
  /** What the programme in flash shows while there is no dynamic area. Default 请以窗口叫号为准. */
  readonly storedText?: string;
  /** Default 4. assumed: no limit of the firmware is published. */
  readonly maxAreas?: number;
  /** Heights of the fonts in the card by number; what is not named is 16 px. Default: font 3 is 32 px. assumed. */
  readonly fonts?: Readonly<Record<number, 16 | 32>>;
  /** Decides the unit of an X or width whose bit 15 is clear; default 6K. */
  readonly family?: '5K' | '6K';
  /** Of the damage its faults do; default 1. */
  readonly seed?: number;
  /** So many frames it remembers; default 200. */
  readonly keptFrames?: number;
}

export interface OnbonKFaults extends Faults {
  /** Every request is refused with this error number. */
  nakStorm: number | undefined;
  /** Answers name this screen number instead of the card's own. */
  answerAs: number | undefined;
  /** Answers name this device type instead of the card's own. */
  answerAsType: number | undefined;
}

export interface OnbonKCounters {
  /** Connections ever made. */
  connections: number;
  /** Whole frames heard, also those for other cards. */
  frames: number;
  /** Frames for another screen number. */
  foreign: number;
  /** Framed bytes with a wrong check. */
  damaged: number;
  /** Bytes that were no frame. */
  noiseBytes: number;
  acknowledged: number;
  refused: number;
  /** Bytes that came on a serial line while the card answered or was off. */
  lostBytes: number;
  restarts: number;
}

/** What the card is now. Read-only: only its wire and its power change it. */
export interface OnbonKState {
  readonly powered: boolean;
  readonly on: boolean;
  /** 0–15. */
  readonly brightness: number;
  /** Those that have not vanished, oldest first. */
  readonly areas: readonly CardArea[];
  /** The card's clock as Unix ms of a zone-less calendar; starts at 2000-01-01 until it is set. */
  readonly clockMs: number;
  /** Commands that wear the flash. Queue texts must cause none. */
  readonly flashWrites: number;
  /** The newest frames, oldest first. */
  readonly log: readonly FrameRecord[];
  readonly counters: Readonly<OnbonKCounters>;
}

export interface OnbonKSimulator {
  readonly address: number;
  readonly state: OnbonKState;
  readonly faults: OnbonKFaults;
  attach(stream: Duplex, options?: AttachOptions): void;
  /** What a visitor sees. */
  picture(): Picture;
  /** The texts a visitor reads: of each area, or of the stored programme; empty while dark. */
  texts(): readonly string[];
  /** Off loses areas and network connections; flash, brightness, on/off and clock stay. */
  power(powered: boolean): void;
  /** Off, and on again after `downMs`. Resolves when it is on. */
  restart(downMs: number): Promise<void>;
  /** Both return a function that ends the listening. */
  onFrame(listener: (frame: FrameRecord) => void): () => void;
  /** Called when what can be seen may have changed. */
  onChange(listener: () => void): () => void;
  /** Drops its connections and its timers, and takes no other. */
  close(): void;
}

const NEUTRAL_TEXT = '请以窗口叫号为准';

/** A card as delivered: on, its stored programme showing. */
export function createOnbonKSimulator(options: OnbonKOptions): OnbonKSimulator {
  const { clock, address = onbonK.addresses.firstScreen, storedText = NEUTRAL_TEXT } = options;
  const screen: Screen = {
    widthPx: options.widthPx ?? 192,
    heightPx: options.heightPx ?? 32,
    colours: options.colours ?? 2,
    fonts: options.fonts ?? { 3: 32 },
  };
  const limits: CardLimits = {
    widthPx: screen.widthPx,
    heightPx: screen.heightPx,
    maxAreas: options.maxAreas ?? 4,
    unmarkedUnitPx: options.family === '5K' ? 8 : 1,
    charset: options.charset ?? 'gb2312',
  };
  const wire = createFaults(clock, options.seed);
  const healthyCard = { nakStorm: undefined, answerAs: undefined, answerAsType: undefined };
  const clearWire = wire.faults.clear;
  const faults: OnbonKFaults = Object.assign(wire.faults, {
    ...healthyCard,
    clear: () => {
      clearWire();
      Object.assign(faults, healthyCard);
    },
  });
  const log = createFrameLog(clock, options.keptFrames);
  const links = new Set<{ readonly link: ByteLink; readonly line: 'network' | 'serial' }>();
  const frameListeners = new Set<(frame: FrameRecord) => void>();
  const changeListeners = new Set<() => void>();
  const counters: OnbonKCounters = {
    connections: 0,
    frames: 0,
    foreign: 0,
    damaged: 0,
    noiseBytes: 0,
    acknowledged: 0,
    refused: 0,
    lostBytes: 0,
    restarts: 0,
  };
  const card = createCard({ clock, screen, limits, storedText, changed });
  const state: OnbonKState = {
    get powered() {
      return card.powered;
    },
    get on() {
      return card.on;
    },
    get brightness() {
      return card.brightness;
    },
    get areas() {
      return card.areas();
    },
    get clockMs() {
      return card.clockMs;
    },
    get flashWrites() {
      return card.flashWrites;
    },
    log: log.frames,
    counters,
  };

  function changed(): void {
    for (const listener of changeListeners) listener();
  }

  function record(direction: 'in' | 'out', bytes: Uint8Array, describe: () => onbonK.Description): void {
    const entry = log.add(direction, bytes, describe);
    for (const listener of frameListeners) listener(entry);
  }

  const { broadcastWithReply, broadcast } = onbonK.addresses;
  const isOurs = ({ destination }: onbonK.Header): boolean =>
    destination === address || (destination === broadcastWithReply && options.answersAll !== false) || destination === broadcast;

  /** The answer to a frame, if there is to be one. */
  function hear(frame: onbonK.Frame): CardReply | undefined {
    if (!isOurs(frame)) {
      counters.foreign += 1;
      return undefined;
    }
    const parsed = onbonK.parseRequest(frame.data);
    const refusal = faults.nakStorm ?? (parsed.ok ? undefined : onbonK.cardErrors[parsed.error].number);
    const reply = refusal === undefined && parsed.ok ? card.obey(parsed.request) : { kind: 'nack' as const, error: refusal ?? 0 };
    if (reply.kind === 'nack') counters.refused += 1;
    else counters.acknowledged += 1;
    return parsed.reply && frame.destination !== broadcast ? reply : undefined;
  }

  /** A damaged frame is refused only where its remains say that this card was asked and is to answer. */
  function hearDamaged(bad: Uint8Array): { frame: onbonK.Frame; reply: { kind: 'nack'; error: number } } | undefined {
    counters.damaged += 1;
    record('in', bad, () => ({ zh: '校验错误的帧', en: 'A frame with a wrong check', fields: { bytes: bad.length } }));
    const frame = onbonK.damagedFrame(bad);
    const wantsReply = frame && isOurs(frame) && frame.destination !== broadcast;
    if (!frame || !wantsReply || !onbonK.parseRequest(frame.data).reply) return undefined;
    counters.refused += 1;
    return { frame, reply: { kind: 'nack', error: onbonK.cardErrors.checksum.number } };
  }

  let closed = false;
  function attach(stream: Duplex, { line = 'network', baud }: AttachOptions = {}): void {
    const bare = linkOf(stream);
    if (closed || (!card.powered && line === 'network')) return bare.destroy();
    const link = wire.wrap(baud === undefined ? bare : paced(bare, baud, clock));
    const entry = { link, line };
    links.add(entry);
    link.onClosed(() => links.delete(entry));
    counters.connections += 1;
    let rest: Uint8Array = new Uint8Array();
    let answering = 0;

    async function answer(frame: onbonK.Frame, reply: CardReply): Promise<void> {
      const type = faults.answerAsType ?? options.deviceType;
      const said = onbonK.answerTo(frame, faults.answerAs ?? address, onbonK.encodeReply(reply), type);
      const bytes = onbonK.encodeFrame(said);
      record('out', bytes, () => onbonK.describeFrame(said));
      answering += 1;
      await link.send(bytes);
      answering -= 1;
    }

    /** True when the card turned to answering, and is deaf on a serial line from here on. */
    function take(item: ReturnType<typeof onbonK.scan>['found'][number]): boolean {
      if ('frame' in item) {
        counters.frames += 1;
        record('in', item.bytes, () => onbonK.describeFrame(item.frame));
        const reply = hear(item.frame);
        if (reply) void answer(item.frame, reply);
        return reply !== undefined;
      }
      if (item.why === 'noise') {
        counters.noiseBytes += item.bad.length;
        return false;
      }
      const refused = hearDamaged(item.bad);
      if (refused) void answer(refused.frame, refused.reply);
      return refused !== undefined;
    }

    link.onBytes((bytes) => {
      if (!card.powered || (line === 'serial' && answering > 0)) {
        counters.lostBytes += bytes.length;
        rest = new Uint8Array();
        return;
      }
      const scanned = onbonK.scan(concat(rest, bytes));
      rest = scanned.rest;
      for (const [at, item] of scanned.found.entries()) {
        if (take(item) && line === 'serial') {
          const later = scanned.found.slice(at + 1).map((next) => ('frame' in next ? next.bytes.length : next.bad.length));
          counters.lostBytes += rest.length + later.reduce((sum, length) => sum + length, 0);
          rest = new Uint8Array();
          return;
        }
      }
    });
  }

  function power(powered: boolean): void {
    if (powered === card.powered) return;
    card.power(powered);
    if (powered) counters.restarts += 1;
    else for (const { link, line } of links) if (line === 'network') link.destroy();
    changed();
  }

  const subscribe = <L>(listeners: Set<L>, listener: L): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };

  return {
    address,
    state,
    faults,
    attach,
    power,
    picture: card.picture,
    texts: card.texts,
    async restart(downMs) {
      power(false);
      await clock.machine.sleep(downMs);
      power(true);
    },
    onFrame: (listener) => subscribe(frameListeners, listener),
    onChange: (listener) => subscribe(changeListeners, listener),
    close() {
      closed = true;
      card.close();
      for (const { link } of links) link.destroy();
    },
  };
}
