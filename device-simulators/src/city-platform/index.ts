export * from './content.ts';
export * from './events.ts';
