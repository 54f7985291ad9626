export * from './bounded-heap.ts';
export * from './durable-file.ts';
export * from './http-patience.ts';
export * from './package-folder.ts';
export * from './patience.ts';
export * from './short-code.ts';
export * from './worker-thread.ts';
