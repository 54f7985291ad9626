import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** The writer allocates little that lives short; without a limit V8 gives it a young generation of 48 MB. */
const limits = { maxYoungGenerationSizeMb: 8 };

/**
 * Starts a module of ours as a worker, both built (plain JavaScript) and from source. Node 20 gives workers no TypeScript
 * loader of its own, so from source a first script registers tsx and then imports the module.
 */
export function startWorker(module: URL, workerData: unknown): Worker {
  if (module.pathname.endsWith('.js')) return new Worker(module, { workerData, resourceLimits: limits });
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const api = new URL('./dist/esm/api/index.mjs', tsx);
  const script = `import(${JSON.stringify(api.href)})
    .then(({ register }) => { register(); return import(${JSON.stringify(module.href)}); })
    .catch((error) => { setImmediate(() => { throw error; }); });`;
  return new Worker(script, { eval: true, workerData, execArgv: ['--conditions=@hall/source'] });
}
