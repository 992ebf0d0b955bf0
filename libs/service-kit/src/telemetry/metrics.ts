import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Name, help and labels of a metric. The name begins with `darkroom_` and ends with its unit. */
export interface MetricOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly Label[];
}

const NAME = /^darkroom_[a-z][a-z0-9_]*_(seconds|bytes|total|ratio|count|info|ready|depth)$/;

/** Buckets from a millisecond to five minutes, for durations in seconds. */
export const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Holds a service's metrics; `/metrics` prints them in Prometheus' text format. */
export class Metrics {
  readonly registry = new Registry();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
  }

  /** Makes a count that only grows; its name ends with `_total`. `follow` returns at each scrape what something else has counted. */
  counter<Label extends string = never>(
    options: MetricOptions<Label> & { follow?: () => Promise<number | undefined> },
  ): Counter<Label> {
    const { follow, ...rest } = options;
    return new Counter({
      ...this.checked(rest),
      registers: [this.registry],
      ...(follow && {
        async collect(this: Counter<Label>) {
          const counted = await follow();
          this.reset();
          if (counted !== undefined) this.inc(counted);
          else this.remove();
        },
      }),
    });
  }

  /** Makes a value that goes up and down; `collect` sets it anew at each scrape. */
  gauge<Label extends string = never>(
    options: MetricOptions<Label> & { collect?: (gauge: Gauge<Label>) => void | Promise<void> },
  ): Gauge<Label> {
    const { collect, ...rest } = options;
    return new Gauge({
      ...this.checked(rest),
      registers: [this.registry],
      ...(collect && {
        collect(this: Gauge<Label>) {
          return collect(this);
        },
      }),
    });
  }

  /** Makes a distribution, of durations in seconds unless other buckets are given. */
  histogram<Label extends string = never>(options: MetricOptions<Label> & { buckets?: number[] }): Histogram<Label> {
    const { buckets = DURATION_BUCKETS, ...rest } = options;
    return new Histogram({ ...this.checked(rest), buckets, registers: [this.registry] });
  }

  private checked<Label extends string>(options: MetricOptions<Label>) {
    if (!NAME.test(options.name)) {
      throw new TypeError(`metric ${options.name} must be named darkroom_…_<unit>, with a unit like seconds, bytes or total`);
    }
    return { name: options.name, help: options.help, labelNames: [...(options.labelNames ?? [])] };
  }
}
