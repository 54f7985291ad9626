export * from './bounded-heap.ts';
export * from './package-folder.ts';
export * from './worker-thread.ts';
