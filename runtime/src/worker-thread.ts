import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type ResourceLimits } from 'node:worker_threads';

/**
 * Starts a module of ours as a worker thread, both built (plain JavaScript) and from source. Node 20 gives workers no
 * TypeScript loader, so from source a first script registers tsx and then imports the module. `limits` hold for what is
 * built; without them V8 would reserve a young generation sized for a server.
 */
export function startThread(module: URL, workerData: unknown, limits: ResourceLimits): Worker {
  if (module.pathname.endsWith('.js')) return new Worker(module, { workerData, resourceLimits: limits });
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const api = new URL('./dist/esm/api/index.mjs', tsx);
  const script = `import(${JSON.stringify(api.href)})
    .then(({ register }) => { register(); return import(${JSON.stringify(module.href)}); })
    .catch((error) => { setImmediate(() => { throw error; }); });`;
  return new Worker(script, { eval: true, workerData, execArgv: ['--conditions=@hall/source'] });
}
