/** What an agent says while nothing happens to it, and what it answers a call with: as much and as often as the product's agent. */
import { systemClock, type LiveField, type Payload } from '@hall/contracts';

/** As the product's agent. */
const STATUS_MS = 30_000;
const TIME_MS = 60_000;
/** Length of a SHA-256 in hex. */
const HASH_LENGTH = 64;
const { machine } = systemClock();

export interface LightVoice {
  readonly epoch: string;
  readonly installId: string;
  status(data: Payload<'status'>): void;
  timeRequest(data: Payload<'timeRequest'>): void;
  /** A report of the device with this screen. */
  shown(device: string, screen: NonNullable<Payload<'reported'>['screen']>): void;
  up(data: Payload<'up'>): void;
  /** How many devices the agent runs. */
  devices(): number;
}

export interface LightTalk {
  /** A session began. */
  welcomed(): void;
  /** The session is over. */
  parted(): void;
  /** The device shows these changed fields: it says so, and records it. */
  show(device: string, fields: readonly LiveField[]): void;
  /** Newest record ever written. */
  readonly head: number;
}

export function createLightTalk(voice: LightVoice): LightTalk {
  const { epoch, installId } = voice;
  const startMs = machine.nowMs();
  let session = new AbortController();
  let seq = 0;
  let number = 0;
  let head = 0;

  async function each(everyMs: number, act: () => void, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      act();
      await machine.sleep(everyMs, over).catch(() => {});
    }
  }
  const status = () => {
    seq += 1;
    voice.status({
      epoch,
      seq,
      at: Date.now(),
      version: 'light',
      uptimeS: Math.floor((machine.nowMs() - startMs) / 1000),
      memory: { rssBytes: 100_000_000, heapBytes: 20_000_000 },
      loop: { worstMs: 5, stalls: 0 },
      disk: { freeBytes: 20_000_000_000, totalBytes: 30_000_000_000 },
      store: 'ok',
      clock: { trust: 'told', skewMs: 0, errorMs: 1, highestMs: Date.now() },
      outbox: { tail: 0, head, count: 0, bytes: 0, oldestAt: 0, percent: 0 },
      documents: { devices: voice.devices(), fellBack: [] },
      counters: {},
    });
  };
  return {
    welcomed() {
      session.abort();
      session = new AbortController();
      void each(STATUS_MS, status, session.signal);
      void each(TIME_MS, () => voice.timeRequest({ epoch, number: (number += 1) }), session.signal);
    },
    parted: () => session.abort(),
    show(device, fields) {
      head += 1;
      const at = Date.now();
      const hash = head.toString(16).padStart(HASH_LENGTH, '0');
      const text = fields.flatMap(({ value }) => (value.kind === 'window' && value.ticket !== undefined ? [value.ticket] : []));
      const drawnFrom = Object.fromEntries(fields.map(({ key, seq: of }) => [key, of]));
      const told = { decidedAt: at, sentAt: at, confirmedAt: at };
      voice.shown(device, { hash, text, freshness: 'live', level: 'acknowledged', fields: drawnFrom, ...told });
      const data = { hash, text, freshness: 'live', fields: drawnFrom, level: 'acknowledged', ...told };
      voice.up({ epoch, installId, records: [{ seq: head, type: 'screen.confirmed', at, device, data }] });
    },
    get head() {
      return head;
    },
  };
}
