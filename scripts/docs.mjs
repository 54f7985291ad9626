// Writes the generated pages of docs/; `--check` only tells whether they are current.
import { runSource } from './run-source.mjs';

runSource('docs/tools/generate.ts');
