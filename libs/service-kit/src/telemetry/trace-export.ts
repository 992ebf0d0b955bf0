import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { WatchedExporter } from './watched-exporter.js';

/** Where spans go, and how many of them. */
export interface TraceExportOptions {
  /** Name of the service in traces. */
  readonly service: string;
  /** The collector's address with its path; it is sent OTLP/JSON. */
  readonly url: string;
  /** Headers of each request to the collector. */
  readonly headers: Readonly<Record<string, string>>;
  /** Share of traces that are sent, 0 to 1. The trace's id decides, so that services of one ratio send the same traces. */
  readonly ratio: number;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** How long the end of a service waits for a collector. */
const flushMs = 1_500;

/** A denoised image tells each of its steps, of which there may be this many. */
const mostEvents = 1_024;

/**
 * Makes OpenTelemetry record this process's spans and send them, in the background and in batches. Returns what ends that.
 *
 * Nobody waits for a collector: spans that can't be sent are dropped, the newest of more than 2,048 first.
 *
 * @throws Error when the process records spans already.
 */
export function startExport({ service, url, headers, ratio, log, metrics }: TraceExportOptions): () => Promise<void> {
  const exporter = new WatchedExporter(new OTLPTraceExporter({ url, headers: { ...headers } }), log, metrics);
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.namespace': 'darkroom',
      'service.name': service,
      'service.instance.id': randomUUID(),
    }),
    sampler: new TraceIdRatioBasedSampler(ratio),
    spanLimits: { eventCountLimit: mostEvents },
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  if (!trace.setGlobalTracerProvider(provider)) throw new Error('this process records spans already');
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());

  let stopped: Promise<void> | undefined;
  return () => {
    stopped ??= stop(provider);
    return stopped;
  };
}

async function stop(provider: TracerProvider): Promise<void> {
  for (const api of [trace, context, propagation]) api.disable();
  const flushed = new AbortController();
  const sent = provider.shutdown().catch(() => undefined);
  await Promise.race([sent, sleep(flushMs, undefined, { signal: flushed.signal }).catch(() => undefined)]);
  flushed.abort();
}
