// npm run proof -- <area> [--quick] [--seed N]: the long demonstrations of an area, with a verdict per promise.
import { runSource } from './run-source.mjs';

runSource('proof/src/main.ts');
