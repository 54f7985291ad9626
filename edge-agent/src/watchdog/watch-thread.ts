/**
 * The watching thread. It waits for beats and counts waits that were in vain: no clock is needed, and a process that was
 * suspended as a whole has not stood still, for this thread has not waited meanwhile.
 */
import { writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { workerData } from 'node:worker_threads';
import { BEAT, BEAT_MS, ENDING, STALLS, WORST } from './shared.ts';

const { shared, data, stallMs, signal } = workerData as {
  shared: Int32Array;
  data: string;
  stallMs: number;
  signal: NodeJS.Signals;
};
const WAIT_MS = 100;
/** A standstill worth counting, ms. */
const COUNTED_MS = 1000;

function end(stillMs: number): void {
  const { rss } = process.memoryUsage();
  const seen = { code: 'LOOP_STALLED', stillMs, rssBytes: rss, uptimeS: Math.round(process.uptime()) };
  const line = `${JSON.stringify({ level: 60, msg: 'the event loop stands still; the process is ended', ...seen })}\n`;
  try {
    writeFileSync(path.join(data, 'stall.json'), line);
  } catch {
    // A full disk keeps nobody from ending.
  }
  writeSync(2, line);
  process.kill(process.pid, signal);
}

let seen = Atomics.load(shared, BEAT);
let stillMs = 0;
while (Atomics.load(shared, ENDING) === 0) {
  const waited = Atomics.wait(shared, BEAT, seen, WAIT_MS);
  const beat = Atomics.load(shared, BEAT);
  if (waited === 'timed-out' && beat === seen) {
    stillMs += WAIT_MS;
    const standsMs = stillMs - BEAT_MS;
    if (standsMs > Atomics.load(shared, WORST)) Atomics.store(shared, WORST, standsMs);
    if (standsMs === COUNTED_MS) Atomics.add(shared, STALLS, 1);
    if (standsMs === stallMs) end(standsMs);
  } else {
    seen = beat;
    stillMs = 0;
  }
}
