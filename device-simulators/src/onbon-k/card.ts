/** What is inside the card: its memory and what requests do to it. Knows no wire. */
import { createTimer, type Clock, type Picture } from '@hall/contracts';
import { onbonK } from '@hall/wire';
import { applyAreas, type CardArea, type CardAreas, type CardLimits, nextVanishMs, withoutVanished } from './areas.ts';
import { cardClock } from './card-clock.ts';
import { darkPicture, drawScreen, type Screen } from './draw.ts';

export type CardReply = Exclude<onbonK.Reply, { kind: 'unknown' }>;

export interface CardOptions {
  readonly clock: Clock;
  readonly screen: Screen;
  readonly limits: CardLimits;
  readonly storedText: string;
  /** Called when what can be seen may have changed. */
  readonly changed: () => void;
}

export interface Card {
  readonly powered: boolean;
  readonly on: boolean;
  readonly brightness: number;
  readonly flashWrites: number;
  readonly clockMs: number;
  /** Those that have not vanished, oldest first. */
  areas(): CardArea[];
  /** Does what a request says; the answer is what the card says if it is asked to. */
  obey(request: onbonK.Request): CardReply;
  /** Off loses the areas; flash, brightness, on/off and clock stay. */
  power(powered: boolean): void;
  picture(): Picture;
  texts(): readonly string[];
  /** Ends its timers. */
  close(): void;
}

const STORED_PROGRAMME = 'P000';
/** As delivered. assumed. */
const FIRST_BRIGHTNESS = 15;
const ack: CardReply = { kind: 'ack' };

/** A card as delivered: on, its stored programme showing. */
export function createCard({ clock, screen, limits, storedText, changed }: CardOptions): Card {
  const rtc = cardClock(clock.hall);
  let powered = true;
  let on = true;
  let brightness = FIRST_BRIGHTNESS;
  let flashWrites = 0;
  let areas: CardAreas = new Map();

  const liveAreas = (): CardAreas => withoutVanished(areas, clock.machine.nowMs());

  const vanishing = createTimer(clock, () => {
    hold(liveAreas());
    changed();
  });
  function hold(next: CardAreas): void {
    areas = next;
    const dueMs = nextVanishMs(areas);
    if (dueMs === undefined) vanishing.clear();
    else vanishing.set(dueMs);
  }

  function status(): CardReply {
    const ids = [...liveAreas().keys()];
    const assumed = { clock: rtc.statusBytes(), areaIds: ids };
    const programme = { programmes: 1, programme: STORED_PROGRAMME };
    return { kind: 'status', status: { on, brightness, ...programme, areaCount: ids.length, assumed } };
  }

  function obey(request: onbonK.Request): CardReply {
    switch (request.kind) {
      case 'ping':
        return ack;
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
    return ack;
  }

  return {
    get powered() {
      return powered;
    },
    get on() {
      return on;
    },
    get brightness() {
      return brightness;
    },
    get flashWrites() {
      return flashWrites;
    },
    get clockMs() {
      return rtc.nowMs();
    },
    areas: () => [...liveAreas().values()],
    obey,
    power(next) {
      powered = next;
      if (!powered) hold(new Map());
    },
    picture: () => (powered && on ? drawScreen(screen, liveAreas().values(), storedText, rtc.timeOfDay()) : darkPicture(screen)),
    texts() {
      if (!powered || !on) return [];
      const shown = [...liveAreas().values()].map(({ text }) => text);
      return shown.length > 0 ? shown : [storedText];
    },
    close: vanishing.stop,
  };
}
