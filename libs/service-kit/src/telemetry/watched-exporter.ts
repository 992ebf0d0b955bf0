import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

/** An exporter that tells the log and the metrics how it fares; by itself OpenTelemetry drops what it can't send in silence. */
export class WatchedExporter implements SpanExporter {
  private readonly exporter: SpanExporter;
  private readonly log: Log;
  private readonly spans;
  private isFailing = false;

  constructor(exporter: SpanExporter, log: Log, metrics: Metrics) {
    this.exporter = exporter;
    this.log = log;
    this.spans = metrics.counter({
      name: 'darkroom_spans_total',
      help: 'Spans of traces by what became of them: sent to the collector, or lost.',
      labelNames: ['result'],
    });
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.exporter.export(spans, (result) => {
      const { error } = result;
      this.spans.inc({ result: error === undefined ? 'sent' : 'lost' }, spans.length);
      // Once for each time it goes away, not for each batch.
      if (error !== undefined && !this.isFailing) this.log.warn('traces do not reach the collector', { reason: error.message });
      if (error === undefined && this.isFailing) this.log.info('traces reach the collector again');
      this.isFailing = error !== undefined;
      done(result);
    });
  }

  async forceFlush(): Promise<void> {
    await this.exporter.forceFlush?.();
  }

  async shutdown(): Promise<void> {
    await this.exporter.shutdown();
  }
}
