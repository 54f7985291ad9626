/** Serves the built console under a strict content security policy. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fastifyHelmet } from '@fastify/helmet';
import { fastifyStatic } from '@fastify/static';
import { HallError } from '@hall/contracts';
import type { FastifyInstance } from 'fastify';

/** Security headers of every reply. Styles may be inline because the component library writes them so; scripts never. */
export async function installSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // The hall's own network often has no TLS; where it has, the proxy that ends it says so.
    hsts: false,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
  });
}

/** Files of the console, and its page for every other address that a browser opens. Without a built console: nothing. */
export async function installConsole(app: FastifyInstance, folder: string): Promise<boolean> {
  const built = existsSync(join(folder, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      index: 'index.html',
      immutable: false,
      setHeaders: (reply, path) => {
        // Names of built assets carry their hash.
        void reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler(async ({ method, url, headers }, reply) => {
    const page = (method === 'GET' || method === 'HEAD') && (headers.accept ?? '').includes('text/html');
    if (!built || !page || url.startsWith('/api/')) throw new HallError('NOT_FOUND');
    return reply.sendFile('index.html');
  });
  return built;
}
