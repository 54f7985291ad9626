export type { CardArea } from './areas.ts';
export type { FrameRecord } from './frame-log.ts';
export * from './simulator.ts';
