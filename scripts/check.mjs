// npm run check: everything that `npm test` runs, on a machine that is set up already. Arguments go to vitest.
import { conclude, runTests } from './run-tests.mjs';
import { runStaticChecks } from './static-checks.mjs';

conclude(runStaticChecks(), runTests(process.argv.slice(2)));
