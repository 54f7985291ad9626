/** (f) a subscriber that stops reading, and a flood of oversize packets, while calls run; the same against the stock broker. */
import { MAX_PACKET_BYTES, addressOf } from '@hall/contracts';
import { frozenSubscriber, oversizeFlood, steadyPublisher } from '../bad-clients.ts';
import { runCalls, type CallRun } from '../call-run.ts';
import { callsOf, type Schedule } from '../arrivals.ts';
import { figure, median, type Figure } from '../figures.ts';
import { startFloor } from '../floor-system.ts';
import { HALL, SOURCE, hallOffsetMs } from '../hall-events.ts';
import { PLATFORM, prepareHall, startHall } from '../hall-system.ts';
import type { Part, PartContext } from '../part.ts';
import { signIn, type MqttLogin } from '../raw-mqtt.ts';
import { openHallStrips, openLineDevices } from '../devices.ts';
import type { CallSystem } from '../system.ts';
import { AGENTS, STRIPS } from './calls.ts';

const PER_SECOND = 50;
const FILL_PER_SECOND = 300;
/** Bulk messages per second: enough to fill a frozen connection within seconds. */
const BULK_PER_SECOND = 12;
const BULK_BYTES = 150 * 1024;
const HALL_SETTLE_MS = 20_000;
/** The stock broker gives a reader up after a minute. */
const STOCK_SETTLE_MS = 80_000;
const FLOOD_CONNECTIONS = 8;

/** How bad clients reach a system, and what they say. */
interface Target {
  readonly port: number;
  readonly login: (word: string) => MqttLogin;
  readonly frozenTopic: string;
  readonly bulkTopic: string;
  readonly bulk: (at: number) => Buffer;
}

interface Round {
  readonly calm: CallRun;
  readonly frozen: CallRun;
  readonly cut: boolean;
  readonly flood: CallRun;
  readonly floodMb: number;
}

const worst = ({ strip }: CallRun): number => strip.reduce((most, one) => Math.max(most, one), 0);
const peak = ({ usage }: CallRun): number => usage[0]?.peakMb ?? Number.NaN;
const usual = ({ usage }: CallRun): number => usage[0]?.medianMb ?? Number.NaN;

export const badClients: Part = {
  name: 'bad-clients',
  title: 'A frozen subscriber and an oversize flood while calls run, beside the stock broker',
  measure: async (context) => {
    const ours: Round[] = [];
    const stock: Round[] = [];
    const strips = await openHallStrips('tcp', STRIPS);
    const devices = await openLineDevices('tcp', STRIPS, true);
    const prepared = await prepareHall({ agents: AGENTS, windows: STRIPS }, strips);
    try {
      for (let round = 1; round <= context.runs; round += 1) {
        const hall = await startHall(prepared);
        const port = Number(new URL(hall.mqttUrl).port);
        const login = (word: string) => ({
          clientId: `${PLATFORM}.${word}`,
          username: PLATFORM,
          password: hall.mqttPassword,
        });
        const names = { hall: HALL, platform: PLATFORM };
        const target = {
          port,
          login,
          bulk: longBatch,
          frozenTopic: addressOf('platformOutcome', names),
          bulkTopic: addressOf('platformEvents', names),
        };
        try {
          ours.push(await measure(context, 'hall', hall, target, HALL_SETTLE_MS));
        } finally {
          await hall.close();
        }
        const floor = await startFloor({ agents: AGENTS, devices, stock: true });
        const anybody = (word: string) => ({ clientId: word });
        const bulk = () => Buffer.alloc(BULK_BYTES, 0x20);
        const open = { port: floor.mqttPort, login: anybody, frozenTopic: 'bulk', bulkTopic: 'bulk', bulk };
        try {
          stock.push(await measure(context, 'stock broker', floor, open, STOCK_SETTLE_MS));
        } finally {
          await floor.close();
        }
      }
    } finally {
      await prepared.remove();
      await strips.close();
      await devices.close();
    }
    const of = (rounds: readonly Round[], what: (round: Round) => number) => median(rounds.map(what));
    const growth = ({ calm, flood }: Round) => Math.max(0, usual(flood) - usual(calm));
    const jump = ({ calm, flood }: Round) => Math.max(0, peak(flood) - peak(calm));
    return [
      figure(
        'calm: longest way of a call to its strip',
        of(ours, ({ calm }) => worst(calm)),
        'ms',
      ),
      figure(
        'frozen subscriber: longest way of a call to its strip',
        of(ours, ({ frozen }) => worst(frozen)),
        'ms',
        {
          most: 2500,
        },
      ),
      figure(
        'frozen subscriber: cut off',
        of(ours, ({ cut }) => Number(cut)),
        'of 1',
        { least: 1 },
      ),
      figure(
        'frozen subscriber, stock broker: longest way of a call',
        of(stock, ({ frozen }) => worst(frozen)),
        'ms',
      ),
      figure('oversize flood: growth of the server', of(ours, growth), 'MB', { most: 5 }),
      figure('oversize flood, stock broker: growth of the server', of(stock, growth), 'MB'),
      figure('oversize flood: growth of the peak', of(ours, jump), 'MB'),
      figure('oversize flood, stock broker: growth of the peak', of(stock, jump), 'MB'),
      figure(
        'oversize flood: sent',
        of(ours, ({ floodMb }) => floodMb),
        'MB',
      ),
      figure(
        'oversize flood: longest way of a call to its strip',
        of(ours, ({ flood }) => worst(flood)),
        'ms',
        { most: 2500 },
      ),
      figure('events answered 202 and lost', lost(ours), 'events', { most: 0 }),
    ] satisfies Figure[];
  },
};

const lost = (rounds: readonly Round[]): number =>
  rounds.reduce((sum, { calm, frozen, flood }) => sum + calm.lost + frozen.lost + flood.lost, 0);

async function measure(
  { quick, say }: PartContext,
  name: string,
  system: CallSystem,
  { port, login, frozenTopic, bulkTopic, bulk }: Target,
  settleMs: number,
): Promise<Round> {
  let firstCall = 0;
  const calls = async (seconds: number, perSecond = PER_SECOND): Promise<CallRun> => {
    const schedule: Schedule = { perSecond, seconds };
    const run = await runCalls(system, schedule, firstCall, settleMs);
    firstCall += callsOf(schedule);
    return run;
  };
  // A first sign-in derives a key, and the memory of that stays with the process; it is not the flood's.
  (await signIn(port, login('first'))).destroy();
  // Caches fill and heaps take their size, as in some hours of a busy hall, before memory is compared.
  await calls(quick ? 10 : 40, FILL_PER_SECOND);
  const calm = await calls(10);
  const floodOver = new AbortController();
  const flooding = Promise.all([
    oversizeFlood(port, FLOOD_CONNECTIONS, undefined, bulkTopic, floodOver.signal),
    oversizeFlood(port, 2, login('flood'), bulkTopic, floodOver.signal),
  ]);
  const flood = await calls(10);
  floodOver.abort();
  const floodMb = (await flooding).reduce((sum, bytes) => sum + bytes, 0) / 1024 / 1024;

  const frozenOver = new AbortController();
  const subscriber = await frozenSubscriber(port, login('frozen'), frozenTopic);
  const publishing = steadyPublisher(port, login('bulk'), bulkTopic, bulk, BULK_PER_SECOND, frozenOver.signal);
  const frozen = await calls(25);
  frozenOver.abort();
  await publishing;
  const cut = await subscriber.wasCut();
  subscriber.close();
  say(
    `${name}: longest way ${worst(calm).toFixed(0)} ms calm, ${worst(flood).toFixed(0)} in the flood of ${floodMb.toFixed(0)} MB ` +
      `(memory ${usual(calm).toFixed(0)} → ${usual(flood).toFixed(0)} MB, at most ${peak(calm).toFixed(0)} → ${peak(flood).toFixed(0)}), ${worst(frozen).toFixed(0)} with a frozen subscriber (cut: ${cut})`,
  );
  return { calm, flood, frozen, cut, floodMb };
}

const ID_CHARACTERS = 110;

/** A batch of heartbeats with long ids: little work, and an outcome nearly as long as the batch. */
function longBatch(at: number): Buffer {
  const time = new Date(Date.now() + hallOffsetMs).toISOString();
  const events: string[] = [];
  for (let bytes = 2; bytes < MAX_PACKET_BYTES - 2048 && events.length < 900;) {
    const id = `${at}-${events.length}`.padEnd(ID_CHARACTERS, '-');
    const event = JSON.stringify({ specversion: '1.0', id, source: SOURCE, type: 'feed.heartbeat', time });
    events.push(event);
    bytes += event.length + 1;
  }
  return Buffer.from(`[${events.join(',')}]`);
}
