export * from './glyph-16.ts';
