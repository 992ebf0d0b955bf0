import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

/** What the variables of tracing say. */
export interface TracingConfig {
  readonly otlpEndpoint?: string | undefined;
  readonly otlpTracesEndpoint?: string | undefined;
  readonly otlpHeaders?: Readonly<Record<string, string>> | undefined;
  readonly traceRatio: number;
}

/** A service's traces, from its start to its end. */
export interface Tracing {
  /** Whether a collector is configured. */
  readonly isOn: boolean;
  /** Sends what is left, for a moment at most, and ends tracing. */
  stop(): Promise<void>;
}

/**
 * Starts sending a service's spans to the collector that is configured.
 *
 * OpenTelemetry's SDK is loaded here alone, and only for a collector: without one, spans cost next to nothing.
 */
export async function startTracing(service: string, config: TracingConfig, log: Log, metrics: Metrics): Promise<Tracing> {
  const url = tracesUrl(config);
  if (url === undefined) return { isOn: false, stop: async () => {} };
  const { startExport } = await import('./trace-export.js');
  const { otlpHeaders: headers = {}, traceRatio: ratio } = config;
  return { isOn: true, stop: startExport({ service, url, headers, ratio, log, metrics }) };
}

/** The general endpoint is a base, the one of traces a whole address, as OTLP's exporter specification has it. */
function tracesUrl({ otlpEndpoint, otlpTracesEndpoint }: TracingConfig): string | undefined {
  return otlpTracesEndpoint ?? (otlpEndpoint && `${otlpEndpoint.replace(/\/+$/, '')}/v1/traces`);
}
