import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

/** The store needs little memory; without limits V8 would reserve a young generation sized for a server. */
const limits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 96 };

/**
 * Starts a module of ours as a worker thread, both built (plain JavaScript) and from source. Node 20 gives workers no
 * TypeScript loader, so from source a first script registers tsx and then imports the module.
 */
export function startThread(module: URL, workerData: unknown): Worker {
  if (module.pathname.endsWith('.js')) return new Worker(module, { workerData, resourceLimits: limits });
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const api = new URL('./dist/esm/api/index.mjs', tsx);
  const script = `import(${JSON.stringify(api.href)})
    .then(({ register }) => { register(); return import(${JSON.stringify(module.href)}); })
    .catch((error) => { setImmediate(() => { throw error; }); });`;
  return new Worker(script, { eval: true, workerData, execArgv: ['--conditions=@hall/source'] });
}
