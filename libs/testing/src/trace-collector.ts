import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it arrived, with attributes as plain values. */
export interface CollectedSpan {
  /** Name of the service that sent it. */
  readonly service: unknown;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
  readonly failed: boolean;
}

/** How a collector answers. */
export type CollectorMood = 'accepts' | 'refuses' | 'never answers';

/** A collector of traces on a loopback port, which takes OTLP/JSON over HTTP as Jaeger and the OpenTelemetry collector do. */
export interface TraceCollector {
  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` should be. */
  readonly url: string;
  /** All spans so far, in the order in which they came. */
  readonly spans: CollectedSpan[];
  /** Bodies of all requests so far, as they came. */
  readonly bodies: string[];
  /** Headers of the last request. */
  readonly headers: IncomingMessage['headers'];
  /** Requests that have not been answered. */
  readonly unanswered: number;
  mood: CollectorMood;
  close(): Promise<void>;
}

/** Starts a collector on a free port, or on one that was used before. */
export async function startTraceCollector(port = 0): Promise<TraceCollector> {
  const waiting = new Set<ServerResponse>();
  const server = createServer(async (request, response) => {
    waiting.add(response);
    response.once('finish', () => waiting.delete(response));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    collector.bodies.push(body);
    collector.headers = request.headers;
    if (collector.mood === 'never answers') return;
    const isAccepted = collector.mood === 'accepts' && request.url === '/v1/traces';
    if (isAccepted) collector.spans.push(...spansOf(JSON.parse(body) as ExportRequest));
    response.writeHead(isAccepted ? 200 : 400, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [] as CollectedSpan[],
    bodies: [] as string[],
    headers: {} as IncomingMessage['headers'],
    mood: 'accepts' as CollectorMood,
    get unanswered() {
      return waiting.size;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return collector;
}

/** What is read of an ExportTraceServiceRequest, see opentelemetry-proto/opentelemetry/proto/trace/v1/trace.proto. */
interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

interface SentSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly { readonly name: string; readonly attributes?: readonly KeyValue[] }[];
  readonly status: { readonly code?: number };
}

/** A value is an object of one field, named after its type. */
interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const statusError = 2;

function spansOf({ resourceSpans }: ExportRequest): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = plain(resource.attributes)['service.name'];
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => collected(service, span)));
  });
}

function collected(service: unknown, span: SentSpan): CollectedSpan {
  const { name, traceId, spanId, parentSpanId = '', kind, attributes, events = [], status } = span;
  return {
    service,
    name,
    kind: kinds[kind] ?? 'internal',
    traceId,
    spanId,
    parentSpanId,
    attributes: plain(attributes),
    events: events.map((event) => ({ name: event.name, attributes: plain(event.attributes) })),
    failed: status.code === statusError,
  };
}

function plain(attributes: readonly KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
