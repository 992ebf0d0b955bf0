import { context } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { failSpan, incomingContext, openSpan, type Span, SpanKind } from '../telemetry/spans.js';
import { operationsRoutes } from './operations.js';

/** Opens a span for every HTTP request, as part of the trace that the client's `traceparent` names, if it does. */
export function addRequestSpans(http: FastifyInstance): void {
  http.addHook('onRequest', (request, reply, done) => {
    const { method, routeOptions, headers } = request;
    if (operationsRoutes.has(routeOptions.url ?? '')) {
      done();
      return;
    }
    // The route's pattern, not the path: addresses of files are signed, and whoever has one can open it.
    const route = routeOptions.url;
    const { span, active } = openSpan(route === undefined ? method : `${method} ${route}`, {
      kind: SpanKind.SERVER,
      attributes: { 'http.request.method': method, 'url.scheme': request.protocol, 'http.route': route },
      parent: incomingContext(headers),
    });
    reply.raw.once('close', () => endSpan(span, reply));
    // Fastify keeps what is active here for all that follows, the reading of a body included.
    context.with(active, done);
  });
}

function endSpan(span: Span, { raw }: FastifyReply): void {
  if (raw.headersSent) span.setAttribute('http.response.status_code', raw.statusCode);
  if (!raw.writableFinished) failSpan(span, 'cancelled');
  else if (raw.statusCode >= 500) failSpan(span, String(raw.statusCode));
  span.end();
}
