import type { FastifyInstance } from 'fastify';
import type { Readiness } from '../lifecycle/readiness.js';
import type { Metrics } from '../telemetry/metrics.js';

/** What every service answers to its operators. */
export const operationsRoutes: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/** Adds what every service answers to its operators: `/healthz`, `/readyz` and `/metrics`. */
export function addOperationsRoutes(http: FastifyInstance, service: string, readiness: Readiness, metrics: Metrics): void {
  const ready = metrics.gauge({
    name: 'darkroom_service_ready',
    help: 'Whether the service can do its work: 1 or 0.',
    collect: async (gauge) => gauge.set((await readiness.report()).ready ? 1 : 0),
  });
  ready.set(0);

  http.get('/healthz', async () => ({ service, status: 'ok' }));
  http.get('/readyz', async (_request, reply) => {
    const report = await readiness.report();
    return await reply.status(report.ready ? 200 : 503).send({ service, ...report });
  });
  http.get('/metrics', async (_request, reply) => {
    return await reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}
