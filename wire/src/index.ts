export * from './bytes.ts';
export * from './checksum.ts';
export * from './scan.ts';
export * as onbonK from './onbon-k/index.ts';
