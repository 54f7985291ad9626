/** The machinery of the proofs, for tests of the whole system that hold the same promises in short. */
export * from './harness/feed.ts';
export * from './harness/free-port.ts';
export * from './harness/hall.ts';
export * from './harness/judge.ts';
export * from './harness/messages.ts';
export * from './harness/mosquitto.ts';
export * from './harness/strips.ts';
export type { Outcome, Promised, ProofContext } from './promise.ts';
export * from './runs/day.ts';
export * from './runs/foreign-write.ts';
export { isClean } from './hall/kill-9.ts';
export * from './harness/processes.ts';
export * from './harness/random.ts';
export * from './runs/kills.ts';
export * from './runs/stored.ts';
export * from './power-cut/power-cut.ts';
export * from './harness/suite.ts';
export * from './runs/lines.ts';
