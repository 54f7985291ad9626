// npm run bench [-- --check]: the benchmarks; with --check exits 1 where a goal is missed.
import { runSource } from './run-source.mjs';

runSource('bench/src/main.ts');
