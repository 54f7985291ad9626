export * from './byte-link.ts';
export * from './city-platform/index.ts';
export * from './faults.ts';
export * from './key-box.ts';
export * from './listen-tcp.ts';
export * from './onbon-k/index.ts';
export * from './pty.ts';
export * from './seeded.ts';
