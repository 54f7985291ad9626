export * from './checker.ts';
export * from './classify.ts';
export * from './strips.ts';
export * from './truth.ts';
