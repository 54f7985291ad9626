/**
 * A thread that says when the next call is due. A timer of the event loop is up to two milliseconds late and would be measured
 * as if it were the product; waiting in a thread of its own is exact to a tenth of that.
 */
import { parentPort, workerData } from 'node:worker_threads';

interface Schedule {
  /** `process.hrtime` of the first call, ns; the same clock in every thread. */
  readonly startNs: bigint;
  readonly intervalNs: bigint;
  readonly count: number;
}

const { startNs, intervalNs, count } = workerData as Schedule;
const never = new Int32Array(new SharedArrayBuffer(4));
let next = 0;
while (next < count) {
  const waitNs = startNs + BigInt(next) * intervalNs - process.hrtime.bigint();
  if (waitNs > 0n) Atomics.wait(never, 0, 0, Number(waitNs) / 1e6);
  const passedNs = process.hrtime.bigint() - startNs;
  const due = passedNs < 0n ? 0 : Math.min(count, Number(passedNs / intervalNs) + 1);
  if (due <= next) continue;
  next = due;
  parentPort?.postMessage(due);
}
