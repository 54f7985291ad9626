export * from './city-platform/index.ts';
