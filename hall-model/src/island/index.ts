export * from './conflicts.ts';
export * from './deal.ts';
export * from './moment.ts';
export * as island from './machine.ts';
export type { IslandState, Known as IslandKnown, Done as IslandDone, Told as IslandTold } from './machine.ts';
