/** One run of calls at one rate against one system, and everything that is measured during it. */
import { systemClock } from '@hall/contracts';
import { arrive, callsOf, type Schedule } from './arrivals.ts';
import { CallWatch } from './call-watch.ts';
import type { Child } from './child.ts';
import { median, percentile } from './figures.ts';
import { HttpPool } from './raw-http.ts';
import type { CallSystem } from './system.ts';

/** Connections the calls share; more in flight wait, and their waiting counts. */
const CONNECTIONS = 256;
/** A prime step spreads consecutive calls over the strips. */
const STRIDE = 37;
const LOOK_MS = 50;
/** The newest call of every strip must have come by then. */
const SETTLE_MS = 20_000;
const SAMPLE_MS = 200;
const MB = 1024 * 1024;
const { machine } = systemClock();

export interface CallRun {
  readonly sent: number;
  /** Answered 202. */
  readonly accepted: number;
  /** Answered 202 and not on disk; NaN where nothing is stored. */
  readonly lost: number;
  /** Of each call, until its strip had it or a newer one, ms. */
  readonly strip: readonly number[];
  /** Of each call, until the server held the confirmation of it or of a newer one, ms. */
  readonly acknowledged: readonly number[];
  /** Of each call, until the HTTP answer, ms. */
  readonly answered: readonly number[];
  /** How late the generator was, ms. */
  readonly lateness: readonly number[];
  /** Calls that a newer one stood for. */
  readonly overtaken: number;
  /** Calls whose strip never had them nor a newer one. */
  readonly missing: number;
  /** From the last call due until every strip had its newest, ms. */
  readonly settledMs: number;
  readonly usage: readonly Usage[];
}

export interface Usage {
  readonly name: string;
  /** Largest resident memory seen, MB. */
  readonly peakMb: number;
  /** Resident memory in the middle of the run: not what was there for a moment, MB. */
  readonly medianMb: number;
  /** Processor time per second of the run, ms. */
  readonly cpuMsPerS: number;
}

/** Watches processes until stopped. */
export function watchUsage(processes: readonly Child[]): () => Usage[] {
  const over = new AbortController();
  const startMs = machine.nowMs();
  const watched = processes.map((child) => ({ child, cpuMs: child.cpuMs(), seen: [child.residentBytes()] }));
  const sample = () => {
    for (const { child, seen } of watched) seen.push(child.residentBytes());
  };
  void (async () => {
    while (!over.signal.aborted) {
      await machine.sleep(SAMPLE_MS, over.signal).catch(() => {});
      sample();
    }
  })();
  return () => {
    over.abort();
    sample();
    const seconds = (machine.nowMs() - startMs) / 1000;
    return watched.map(({ child, cpuMs, seen }) => ({
      name: child.name,
      peakMb: percentile(seen, 100) / MB,
      medianMb: median(seen) / MB,
      cpuMsPerS: (child.cpuMs() - cpuMs) / seconds,
    }));
  };
}

/**
 * Makes calls on the schedule. `firstCall` is the number of the first; numbers are used once per system. After the last, strips
 * have `settleMs` to get what is missing.
 */
export async function runCalls(
  system: CallSystem,
  schedule: Schedule,
  firstCall: number,
  settleMs = SETTLE_MS,
): Promise<CallRun> {
  const pool = await HttpPool.open(system.url, CONNECTIONS);
  const watch = new CallWatch();
  const confirmed = new CallWatch();
  const answered: number[] = [];
  const accepted = new Set<number>();
  const replies: Promise<void>[] = [];
  let lastDueMs = 0;
  let lastSeenMs = 0;
  system.listen((strip, call, atMs) => {
    const before = watch.pending;
    watch.seen(strip, call, atMs);
    if (watch.pending < before) lastSeenMs = atMs;
  });
  const wallOffsetMs = Date.now() - machine.nowMs();
  const usage = watchUsage(system.processes);

  const send = async (call: number, strip: number, dueMs: number): Promise<void> => {
    const reply = await pool.send(system.request(call, strip)).catch(() => undefined);
    answered.push(machine.nowMs() - dueMs);
    if (reply?.status === 202) accepted.add(call);
  };
  const lateness = await arrive(schedule, (at, dueMs) => {
    const call = firstCall + at;
    const strip = (at * STRIDE) % system.strips;
    lastDueMs = dueMs;
    watch.due(strip, call, dueMs);
    confirmed.due(strip, call, dueMs);
    replies.push(send(call, strip, dueMs));
  });
  // A system that never answers a request must not stop the measurement; the request counts as not accepted.
  await Promise.race([Promise.all(replies), machine.sleep(settleMs)]);
  const endMs = machine.nowMs() + settleMs;
  while (watch.pending > 0 && machine.nowMs() < endMs) await machine.sleep(LOOK_MS);
  const used = usage();
  pool.close();

  for (const { strip, call, wallMs } of (await system.acknowledged?.()) ?? []) {
    // Wall time is in whole milliseconds, cut off.
    if (call >= firstCall) confirmed.seen(strip, call, wallMs + 0.5 - wallOffsetMs);
  }
  const stored = await system.stored?.();
  return {
    sent: callsOf(schedule),
    accepted: accepted.size,
    lost: stored ? [...accepted].filter((call) => !stored.has(call)).length : Number.NaN,
    strip: watch.latenciesMs,
    acknowledged: confirmed.latenciesMs,
    answered,
    lateness,
    overtaken: watch.overtaken,
    missing: watch.pending,
    settledMs: Math.max(0, lastSeenMs - lastDueMs),
    usage: used,
  };
}
