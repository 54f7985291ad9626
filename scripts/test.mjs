// npm test: installs what is missing, then format, lint, types, generated docs and all tests. Arguments go to vitest.
import { conclude, runTests } from './run-tests.mjs';
import { setup } from './setup.mjs';
import { runStaticChecks } from './static-checks.mjs';

await setup({ tests: true });
conclude(runStaticChecks(), runTests(process.argv.slice(2)));
