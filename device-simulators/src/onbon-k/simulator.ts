/** A BX-5K/6K card that speaks its real protocol over any stream, refuses what a card refuses, and can be looked at. */
import type { Duplex } from 'node:stream';
import type { Clock, Picture } from '@hall/contracts';
import { concat, onbonK, toHex } from '@hall/wire';
import { type AttachOptions, type ByteLink, linkOf, paced } from '../byte-link.ts';
import { createFaults, type Faults } from '../faults.ts';
import { applyAreas, type CardArea, type CardAreas, type CardLimits, nextVanishMs, withoutVanished } from './areas.ts';
import { cardClock } from './card-clock.ts';
import { darkPicture, drawScreen } from './draw.ts';

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
  /** The font in the card; default GB2312. */
  readonly charset?: onbonK.Charset;
  /** What the programme in flash shows while there is no dynamic area. Default 请以窗口叫号为准. */
  readonly storedText?: string;
  /** Default 4. assumed: no limit of the firmware is published. */
  readonly maxAreas?: number;
  /** Decides the unit of an X or width whose bit 15 is clear; default 6K. */
  readonly family?: '5K' | '6K';
  /** Of the damage its faults do; default 1. */
  readonly seed?: number;
}

export interface OnbonKFaults extends Faults {
  /** Every request is refused with this error number. */
  nakStorm: number | undefined;
  /** Answers name this screen number instead of the card's own. */
  answerAs: number | undefined;
}

/** One frame that passed the card. */
export interface FrameRecord {
  /** Unix ms. */
  readonly at: number;
  /** Machine time, ms. */
  readonly machineMs: number;
  readonly direction: 'in' | 'out';
  readonly hex: string;
  readonly describe: onbonK.Description;
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
  /** The newest 200 frames, oldest first. */
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
  /** Drops its connections and its timers. */
  close(): void;
}

const LOG_FRAMES = 200;
const NEUTRAL_TEXT = '请以窗口叫号为准';
const STORED_PROGRAMME = 'P000';
/** As delivered. assumed. */
const FIRST_BRIGHTNESS = 15;

/** A card as delivered: on, its stored programme showing. */
export function createOnbonKSimulator(options: OnbonKOptions): OnbonKSimulator {
  const { clock, address = onbonK.addresses.firstScreen, storedText = NEUTRAL_TEXT } = options;
  const screen = { widthPx: options.widthPx ?? 192, heightPx: options.heightPx ?? 32, colours: options.colours ?? 2 } as const;
  const limits: CardLimits = {
    ...screen,
    maxAreas: options.maxAreas ?? 4,
    unmarkedUnitPx: options.family === '5K' ? 8 : 1,
    charset: options.charset ?? 'gb2312',
  };
  const wire = createFaults(clock, options.seed);
  const healthyCard = { nakStorm: undefined, answerAs: undefined };
  const clearWire = wire.faults.clear;
  const faults: OnbonKFaults = Object.assign(wire.faults, {
    ...healthyCard,
    clear: () => {
      clearWire();
      Object.assign(faults, healthyCard);
    },
  });
  const rtc = cardClock(clock.hall);
  const log: FrameRecord[] = [];
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
  let powered = true;
  let on = true;
  let brightness = FIRST_BRIGHTNESS;
  let flashWrites = 0;
  let areas: CardAreas = new Map();
  let vanishing = new AbortController();

  const liveAreas = (): CardAreas => withoutVanished(areas, clock.machine.nowMs());
  const state: OnbonKState = {
    get powered() {
      return powered;
    },
    get on() {
      return on;
    },
    get brightness() {
      return brightness;
    },
    get areas() {
      return [...liveAreas().values()];
    },
    get clockMs() {
      return rtc.nowMs();
    },
    get flashWrites() {
      return flashWrites;
    },
    log,
    counters,
  };

  function changed(): void {
    for (const listener of changeListeners) listener();
  }

  function hold(next: CardAreas): void {
    areas = next;
    vanishing.abort();
    vanishing = new AbortController();
    const dueMs = nextVanishMs(areas);
    if (dueMs !== undefined) {
      clock.machine.sleep(Math.max(0, dueMs - clock.machine.nowMs()), vanishing.signal).then(
        () => {
          hold(liveAreas());
          changed();
        },
        () => undefined,
      );
    }
  }

  function record(direction: 'in' | 'out', bytes: Uint8Array, describe: () => onbonK.Description): void {
    const entry: FrameRecord = {
      at: clock.wall.nowMs(),
      machineMs: clock.machine.nowMs(),
      direction,
      get hex() {
        return toHex(bytes);
      },
      get describe() {
        return describe();
      },
    };
    log.push(entry);
    if (log.length > LOG_FRAMES) log.shift();
    for (const listener of frameListeners) listener(entry);
  }

  const isOurs = ({ destination }: onbonK.Header): boolean =>
    destination === address || destination === onbonK.addresses.broadcastWithReply || destination === onbonK.addresses.broadcast;

  function status(): onbonK.Reply & { kind: 'status' } {
    const held = liveAreas();
    return {
      kind: 'status',
      status: {
        on,
        brightness,
        programmes: 1,
        programme: STORED_PROGRAMME,
        areaCount: held.size,
        assumed: { clock: rtc.statusBytes(), areaIds: [...held.keys()] },
      },
    };
  }

  /** Does what a request says; the answer is what the card would say if it was asked to. */
  function obey(request: onbonK.Request): Exclude<onbonK.Reply, { kind: 'unknown' }> {
    switch (request.kind) {
      case 'ping':
        return { kind: 'ack' };
      case 'status':
        return status();
      case 'set_clock':
        rtc.set(request.time);
        break;
      case 'power':
        on = request.on;
        break;
      case 'brightness':
        brightness = request.level;
        break;
      case 'clear':
        hold(new Map());
        break;
      case 'dynamic_areas': {
        const next = applyAreas(liveAreas(), request, limits, clock.machine.nowMs());
        if (typeof next === 'string') return { kind: 'nack', error: onbonK.cardErrors[next].number };
        hold(next);
        break;
      }
      case 'start_write_file':
      case 'write_block':
      case 'begin_files':
      case 'end_files':
        flashWrites += 1;
        break;
    }
    changed();
    return { kind: 'ack' };
  }

  /** The answer to a frame, if there is to be one. */
  function hear(frame: onbonK.Frame): Exclude<onbonK.Reply, { kind: 'unknown' }> | undefined {
    if (!isOurs(frame)) {
      counters.foreign += 1;
      return undefined;
    }
    const parsed = onbonK.parseRequest(frame.data);
    const refusal = faults.nakStorm ?? (parsed.ok ? undefined : onbonK.cardErrors[parsed.error].number);
    const reply = refusal === undefined && parsed.ok ? obey(parsed.request) : { kind: 'nack' as const, error: refusal ?? 0 };
    if (reply.kind === 'nack') counters.refused += 1;
    else counters.acknowledged += 1;
    return parsed.reply && frame.destination !== onbonK.addresses.broadcast ? reply : undefined;
  }

  /** A damaged frame is refused only where its remains say that this card was asked and is to answer. */
  function hearDamaged(bad: Uint8Array): { frame: onbonK.Frame; reply: { kind: 'nack'; error: number } } | undefined {
    counters.damaged += 1;
    record('in', bad, () => ({ zh: '校验错误的帧', en: 'A frame with a wrong check', fields: { bytes: bad.length } }));
    const frame = onbonK.damagedFrame(bad);
    const wantsReply = frame && isOurs(frame) && frame.destination !== onbonK.addresses.broadcast;
    if (!frame || !wantsReply || !onbonK.parseRequest(frame.data).reply) return undefined;
    counters.refused += 1;
    return { frame, reply: { kind: 'nack', error: onbonK.cardErrors.checksum.number } };
  }

  function attach(stream: Duplex, { line = 'network', baud }: AttachOptions = {}): void {
    const bare = linkOf(stream);
    if (!powered && line === 'network') return bare.destroy();
    const link = wire.wrap(baud === undefined ? bare : paced(bare, baud, clock));
    const entry = { link, line };
    links.add(entry);
    link.onClosed(() => links.delete(entry));
    counters.connections += 1;
    let rest: Uint8Array = new Uint8Array();
    let answering = 0;

    async function answer(frame: onbonK.Frame, reply: Exclude<onbonK.Reply, { kind: 'unknown' }>): Promise<void> {
      const said = onbonK.answerTo(frame, faults.answerAs ?? address, onbonK.encodeReply(reply));
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
      if (!powered || (line === 'serial' && answering > 0)) {
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

  function power(next: boolean): void {
    if (next === powered) return;
    powered = next;
    if (!powered) {
      hold(new Map());
      for (const { link, line } of links) if (line === 'network') link.destroy();
    } else counters.restarts += 1;
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
    picture: () => (powered && on ? drawScreen(screen, liveAreas().values(), storedText, rtc.timeOfDay()) : darkPicture(screen)),
    texts: () => {
      if (!powered || !on) return [];
      const shown = [...liveAreas().values()].map(({ text }) => text);
      return shown.length > 0 ? shown : [storedText];
    },
    async restart(downMs) {
      power(false);
      await clock.machine.sleep(downMs);
      power(true);
    },
    onFrame: (listener) => subscribe(frameListeners, listener),
    onChange: (listener) => subscribe(changeListeners, listener),
    close() {
      vanishing.abort();
      for (const { link } of links) link.destroy();
    },
  };
}
