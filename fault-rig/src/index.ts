export * from './lane.ts';
export * from './line.ts';
export * from './nemesis.ts';
export * from './serial-line.ts';
export * from './tcp-line.ts';
export * from './udp-line.ts';
export * from './network.ts';
