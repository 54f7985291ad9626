export type { CardArea } from './areas.ts';
export * from './simulator.ts';
