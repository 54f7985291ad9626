// npm run bench [-- --check]: the benchmarks; with --check exits 1 where a goal is missed.
import { runSource } from './run-source.mjs';

// The generator stands for other machines and shares the processors with what it measures: it has as few helper threads as that, and
// collects its garbage seldom, with none of them.
const collector = ['--single-threaded-gc', '--no-memory-reducer', '--min-semi-space-size=16', '--max-semi-space-size=32'];
runSource('bench/src/main.ts', ['--v8-pool-size=1', ...collector]);
