/** What a fleet costs its server: pure figures from what was measured with none, some and many agents. */
import { figure, type Figure } from './figures.ts';

export const SIZES = [0, 100, 1000] as const;
export type Size = (typeof SIZES)[number];

/** What is measured at one size while nothing is called. */
export interface FleetWeight {
  /** Resident memory of the process, the usual one of many looks, kB. */
  readonly residentKb: number;
  /** Held after garbage collection, kB. */
  readonly heldKb: number;
  /** Processor time of the process, ms per second. */
  readonly cpuMsPerS: number;
  /** From one agent and to one agent, as MQTT writes it, bytes per minute. */
  readonly upPerMinute: number;
  readonly downPerMinute: number;
}
export type FleetWeights = Readonly<Record<Size, FleetWeight>>;

/** What calls cost in processor time of the server, beyond that of the silent fleet, ms each. */
export interface CallCosts {
  readonly some: number;
  readonly many: number;
}

/** Cost of an agent more between some and many; the first ones also pay for what comes once. */
export function perAgent(weights: FleetWeights, what: 'residentKb' | 'heldKb' | 'cpuMsPerS'): number {
  const [, some, many] = SIZES;
  return (weights[many][what] - weights[some][what]) / (many - some);
}

/** Bytes per agent and minute, from what all have carried in a time. */
export const perMinute = (bytes: number, agents: number, elapsedMs: number): number =>
  agents === 0 ? 0 : (bytes / agents) * (60_000 / elapsedMs);

/** A twentieth of the slowest link a hall is to work over (fault F19, 64 kbit/s), bytes per minute. */
export const MOST_PER_MINUTE = (64_000 / 8) * 60 * 0.05;
/** What a connected agent may weigh, kB. */
const MOST_HELD_KB = 40;
/** The server keeps a session, a status, reports and documents of an agent beside the broker's connection. */
const MOST_MEMORY_RATIO = 2;
/** It reads and checks what the bare broker only hands on. */
const MOST_TIME_RATIO = 2;
/** Memory is farther away in a fleet ten times as large; more would mean that something looks at all agents for each call. */
const MOST_CALL_RATIO = 1.5;
/** Of one core, %: what a bare broker takes for the messages of twenty such fleets, 2,000 a second. */
const MOST_IDLE_SHARE = 12;
const KB = 1024;

export interface FleetMeasured {
  readonly ours: FleetWeights;
  readonly floor: FleetWeights;
  readonly calls: CallCosts;
  /** Agents that did not come to hold what they should. */
  readonly unsettled: number;
  /** Calls lost, not accepted, never told to their agent, or never confirmed by it. */
  readonly lost: number;
}

export function fleetFigures({ ours, floor, calls, unsettled, lost }: FleetMeasured): Figure[] {
  const [, , many] = SIZES;
  const each = (what: Parameters<typeof perAgent>[1]) => ({ ours: perAgent(ours, what), floor: perAgent(floor, what) });
  const [resident, held, time] = [each('residentKb'), each('heldKb'), each('cpuMsPerS')];
  return [
    ...SIZES.flatMap((size) => [
      figure(`${size} agents: resident memory of the server`, ours[size].residentKb / KB, 'MB'),
      figure(`${size} agents: held by the server`, ours[size].heldKb / KB, 'MB'),
      figure(`${size} agents: processor time of the idle server`, ours[size].cpuMsPerS, 'ms/s'),
      figure(`${size} agents: resident memory of the bare broker`, floor[size].residentKb / KB, 'MB'),
      figure(`${size} agents: processor time of the bare broker`, floor[size].cpuMsPerS, 'ms/s'),
    ]),
    figure('an agent more, 100 to 1,000: resident memory of the server', resident.ours, 'kB'),
    figure('an agent more, 100 to 1,000: resident memory of the bare broker', resident.floor, 'kB'),
    figure('an agent more, 100 to 1,000: held by the server', held.ours, 'kB', { most: MOST_HELD_KB }),
    figure('an agent more, 100 to 1,000: held by the bare broker', held.floor, 'kB'),
    figure("an agent more: held as a multiple of the bare broker's", held.ours / held.floor, 'x', { most: MOST_MEMORY_RATIO }),
    figure("an agent more: processor time as a multiple of the bare broker's", time.ours / time.floor, 'x', {
      most: MOST_TIME_RATIO,
    }),
    figure(`${many} idle agents: share of one core`, ours[many].cpuMsPerS / 10, '%', { most: MOST_IDLE_SHARE }),
    figure('an idle agent sends', ours[many].upPerMinute, 'bytes/min', { most: MOST_PER_MINUTE }),
    figure('an idle agent receives', ours[many].downPerMinute, 'bytes/min', { most: MOST_PER_MINUTE }),
    figure('processor time of a call at the server, 100 agents', calls.some, 'ms'),
    figure('processor time of a call at the server, 1,000 agents', calls.many, 'ms'),
    figure('a call with 1,000 agents as a multiple of one with 100', calls.many / calls.some, 'x', { most: MOST_CALL_RATIO }),
    figure('agents that did not settle', unsettled, 'agents', { most: 0 }),
    figure('calls lost, not accepted, never told to their agent, or not confirmed', lost, 'calls', { most: 0 }),
  ];
}
