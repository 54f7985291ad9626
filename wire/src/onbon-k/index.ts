export * from './commands.ts';
export * from './describe.ts';
export * from './dynamic-area.ts';
export * from './errors.ts';
export * from './frame.ts';
export * from './replies.ts';
export * from './status.ts';
export * from './text.ts';
