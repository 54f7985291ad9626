// npm run bench [-- --check]: the benchmarks; with --check exits 1 where a goal is missed.
import { runSource } from './run-source.mjs';

// The generator stands for other machines and shares the processors with what it measures: it has as few helper threads as that, and
// collects its garbage with none of them, often and shortly: in a collection of 16 MB no simulated device hears anything for 10 ms.
const collector = ['--single-threaded-gc', '--no-memory-reducer', '--max-semi-space-size=2'];
runSource('bench/src/main.ts', ['--v8-pool-size=1', ...collector]);
