// npm run bench [-- --check]: the benchmarks; with --check exits 1 where a goal is missed.
import { runSource } from './run-source.mjs';

// The generator shares the processors with what it measures, and uses as few helper threads as that.
runSource('bench/src/main.ts', ['--v8-pool-size=1']);
