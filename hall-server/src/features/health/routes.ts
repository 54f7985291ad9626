/** `/healthz` for supervisors and `/metrics` for Prometheus; the latter only to this machine. */
import { HallError } from '@hall/contracts';
import type { FastifyPluginAsync } from 'fastify';
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';

export interface HealthSources {
  /** False once the store cannot be written any more. */
  readonly alive: () => boolean;
  /** Numbers by metric name (`hall_…`), read when asked. */
  readonly numbers: () => Readonly<Record<string, number>>;
}

const isLoopback = (address: string | undefined): boolean => address !== undefined && /^(127\.|::1$|::ffff:127\.)/.test(address);

export const healthRoutes: FastifyPluginAsync<HealthSources> = async (app, { alive, numbers }) => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of Object.keys(numbers())) {
    const gauge: Gauge = new Gauge({
      name,
      help: name.replaceAll('_', ' '),
      registers: [registry],
      collect: (): void => gauge.set(numbers()[name] ?? 0),
    });
  }
  app.get('/healthz', { schema: { hide: true } }, async (_, reply) => {
    if (!alive()) throw new HallError('STORE_FAILED');
    return reply.send({ status: 'ok' });
  });
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (!isLoopback(request.socket.remoteAddress)) throw new HallError('NOT_FOUND');
    return reply.type(registry.contentType).send(await registry.metrics());
  });
};
