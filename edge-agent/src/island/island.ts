/** The hall alone: notices that the server is away, lets the keys at windows call, and gives way when the server is back. */
import {
  createTimer,
  HallError,
  islandRecords,
  type Clock,
  type IslandActName,
  type IslandPhase,
  type IslandRecordType,
} from '@hall/contracts';
import { island, momentIn, type IslandDone, type IslandState } from '@hall/model';
import type { Logger } from 'pino';
import type { LiveSet } from '../live/live-set.ts';
import type { OutboxLimits } from '../outbox/limits.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { NewRecord } from '../outbox/sql.ts';
import type { Store } from '../store/store.ts';
import { createTurns } from '../turns.ts';
import type { UplinkState } from '../uplink/uplink.ts';
import { overlaid, toldIn } from './overlay.ts';
import type { IslandMemory } from './sql.ts';
import type { Waiting } from './waiting.ts';

export interface IslandSettings {
  /** `auto`: as below. `at_once`: as soon as the server is away, lease or not. `off`: never. */
  readonly mode: 'auto' | 'at_once' | 'off';
  /** The server must have been away for so long, ms; and the lease of its last word must have run out. */
  readonly afterMs: number;
}

export interface KeyPress {
  readonly window: string;
  readonly act: IslandActName;
  /** Id of the key, for the record. */
  readonly key: string;
}

/** What came of a press. `server`: the server is there, so its platform calls; the press is told to it and nothing was done here. */
export type Pressed = { readonly handled: 'server' } | ({ readonly handled: 'island' } & IslandDone);

export interface Island {
  readonly phase: IslandPhase;
  readonly state: IslandState;
  /** The live set as screens are to see it. */
  overlay(set: LiveSet): LiveSet;
  /** @throws HallError ISLAND_REFUSED `{reason}`, STORE_FAILED when the act cannot be kept; nothing is shown then. */
  press(press: KeyPress): Promise<Pressed>;
  onUplink(state: UplinkState): void;
  /** These live fields changed, or a lease came. */
  onTruth(changed: ReadonlySet<string>): void;
  close(): Promise<void>;
}

export interface IslandOptions {
  readonly settings: IslandSettings;
  readonly memory: IslandMemory;
  readonly store: Store;
  readonly outbox: Pick<Outbox, 'append' | 'committed'>;
  readonly limits: OutboxLimits;
  readonly waiting: Waiting;
  readonly hallTime: Clock['hall'];
  readonly zone: () => string;
  readonly live: () => LiveSet;
  /** For how long the server's word counts, machine ms. */
  readonly maxAgeMs: () => number;
  /** Windows are to be shown differently. */
  onChange(keys: ReadonlySet<string>): void;
  /** A ticket was called here: say it. */
  onCall(done: IslandDone, at: number): void;
}

const recordOf = Object.fromEntries(Object.entries(islandRecords).map(([type, act]) => [act, type])) as Record<
  IslandActName,
  IslandRecordType
>;

export function createIsland(options: IslandOptions, clock: Clock, log: Logger): Island {
  const { settings, memory, store, outbox, limits, waiting, hallTime, zone, live } = options;
  const { machine, wall } = clock;
  const inTurn = createTurns();
  // What was called before a restart counts on, but is shown only once the server is known to be away.
  let state: IslandState = { ...(memory.state ?? island.noIsland), phase: 'connected' };
  let uplink: UplinkState = 'offline';
  let lostMs = machine.nowMs();
  /** The newest lease that came before the welcome. */
  let earlier: LiveSet['vouched'];
  const timer = createTimer(clock, lookAround);
  let shown: { set: LiveSet; state: IslandState; day: number; overlay: LiveSet } | undefined;

  const now = () => momentIn(zone(), hallTime.nowMs());
  const save = (records: readonly NewRecord[]) => {
    // The state as it is when its turn comes: an act may be on its way to the disk.
    inTurn(async () => outbox.committed(await store.call('saveIsland', { state, records, limits }))).catch((error: unknown) =>
      log.error({ err: error }, 'island state could not be stored'),
    );
  };
  const keysOf = (...states: IslandState[]) =>
    new Set(states.flatMap(({ windows, held }) => [...Object.keys(windows), ...Object.keys(held)]).map((id) => `window/${id}`));

  function become(next: IslandState): void {
    if (next === state) return;
    const before = state;
    state = next;
    const records: NewRecord[] = [];
    const at = hallTime.nowMs();
    if (before.phase === 'connected' && next.phase === 'island')
      records.push({ type: 'island.began', at, data: { lostForMs: Math.round(machine.nowMs() - lostMs) } });
    if (before.phase !== 'connected' && next.phase === 'connected') {
      records.push({ type: 'island.ended', at, data: { since: before.since, seq: next.seq, held: Object.keys(next.held) } });
    }
    if (before.phase !== next.phase) log.warn({ island: next.phase }, 'island mode changed');
    save(records);
    options.onChange(keysOf(before, next));
  }

  /** Machine time from which the hall is alone. */
  function aloneAtMs(): number {
    if (settings.mode === 'off' || uplink === 'welcomed' || uplink === 'fenced' || uplink === 'stopped')
      return Number.POSITIVE_INFINITY;
    if (settings.mode === 'at_once') return lostMs;
    const { vouched } = live();
    return Math.max(lostMs + settings.afterMs, vouched ? vouched.atMs + options.maxAgeMs() : 0);
  }

  function lookAround(): void {
    if (state.phase === 'island') return;
    const atMs = aloneAtMs();
    if (machine.nowMs() >= atMs) return become(island.begin(state, now()));
    if (atMs !== Number.POSITIVE_INFINITY) timer.set(atMs);
  }

  function onTruth(changed: ReadonlySet<string>): void {
    const set = live();
    for (const key of changed) {
      const value = set.entries.get(key)?.field.value;
      if (value?.kind === 'window' && value.ticket !== undefined) waiting.strike(value.ticket);
    }
    const open = state.phase !== 'connected' || Object.keys(state.windows).length > 0;
    if (!open && Object.keys(state.held).length === 0) return;
    const { vouched } = set;
    const whole = uplink === 'welcomed' && vouched !== undefined && vouched !== earlier && set.head >= vouched.head;
    const told = toldIn(set);
    become(open && whole ? island.settle(state, told) : island.heard(state, told));
  }

  async function act({ window, act: name, key }: KeyPress): Promise<Pressed> {
    if (settings.mode === 'off' || uplink === 'fenced') throw new HallError('ISLAND_REFUSED', { reason: 'switched_off' });
    const moment = now();
    if (uplink === 'welcomed' && state.phase === 'connected') {
      outbox.append({ type: 'key.pressed', at: moment.hallMs, data: { window, act: name, key } });
      return { handled: 'server' };
    }
    const before = state;
    const told = toldIn(live());
    const known = { told, windows: new Set(waiting.deal.windows), lists: waiting.lists };
    const outcome = island.act(before, name, window, known, moment);
    if ('refused' in outcome) throw new HallError('ISLAND_REFUSED', { reason: outcome.refused });
    const { done } = outcome;
    const data = { ...done, since: before.since, wallMs: Math.round(wall.nowMs()), machineMs: Math.round(machine.nowMs()), key };
    const record: NewRecord = { type: recordOf[name], at: moment.hallMs, data };
    // On disk first: after a crash the same ticket must not be called at another window.
    outbox.committed(await store.call('saveIsland', { state: outcome.state, records: [record], limits }));
    const { phase } = state;
    state = phase === 'connected' ? island.settle(outcome.state, toldIn(live())) : { ...outcome.state, phase };
    options.onChange(new Set([`window/${window}`]));
    if (done.ticket !== undefined && (name === 'next' || name === 'recall')) options.onCall(done, moment.hallMs);
    return { handled: 'island', ...done };
  }

  lookAround();
  return {
    get phase() {
      return state.phase;
    },
    get state() {
      return state;
    },
    overlay(set) {
      const { day } = now();
      if (shown?.set !== set || shown.state !== state || shown.day !== day) {
        shown = { set, state, day, overlay: overlaid(set, island.onDay(state, day), machine) };
      }
      return shown.overlay;
    },
    press: (press) => inTurn(() => act(press)),
    onUplink(next) {
      const before = uplink;
      uplink = next;
      if (next === 'welcomed') {
        earlier = live().vouched;
        become(island.answered(state));
      } else if (before === 'welcomed') {
        lostMs = machine.nowMs();
        if (state.phase === 'reconciling') become(island.begin(state, now()));
      }
      lookAround();
    },
    onTruth,
    async close() {
      timer.stop();
      await inTurn(async () => {});
    },
  };
}
