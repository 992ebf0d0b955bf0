import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../telemetry/metrics.js';

/** Times every HTTP request by route and status. */
export function addRequestMetrics(http: FastifyInstance, metrics: Metrics): void {
  const duration = metrics.histogram({
    name: 'darkroom_http_request_seconds',
    help: 'How long an HTTP request took to answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
  });
  http.addHook('onResponse', async (request, reply) => {
    duration.observe(
      // The route's pattern, not the path, so that ids don't make a label each.
      { method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
  });
}
