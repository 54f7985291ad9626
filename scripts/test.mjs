// npm test: installs what is missing, then format, lint, types, generated docs and all tests. Arguments go to vitest.
import { conclude, runTests } from './run-tests.mjs';
import { giveUp } from './lib/say.mjs';
import { setup } from './setup.mjs';
import { runStaticChecks } from './static-checks.mjs';

await setup({ tests: true }).catch(giveUp);
conclude(runStaticChecks(), runTests(process.argv.slice(2)));
