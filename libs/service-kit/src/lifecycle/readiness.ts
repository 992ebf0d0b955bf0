import type { Log } from '../telemetry/log.js';

/** Says what is missing, or undefined when nothing is. */
export type ReadinessCheck = () => string | undefined | Promise<string | undefined>;

/** What `/readyz` answers. */
export interface ReadinessReport {
  readonly ready: boolean;
  /** By the name of each check that fails: what is missing. */
  readonly missing: Readonly<Record<string, string>>;
  /** What an operator should know of although the service does its work, by name; absent when there is nothing. */
  readonly notes?: Readonly<Record<string, string>>;
}

const CHECK_TIMEOUT_MS = 2_000;

/** Knows whether the service can do its work, and if not, what it lacks. */
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
  private readonly tellers = new Map<string, () => string | undefined>();
  private readonly log: Log;

  constructor(log: Log) {
    this.log = log;
  }

  /** Adds a check that is asked at every report, for instance "redis". */
  require(name: string, check: ReadinessCheck): void {
    if (this.checks.has(name)) throw new TypeError(`readiness check ${name} exists already`);
    this.checks.set(name, check);
  }

  /** Adds something that `/readyz` tells, when there is anything to tell, without the service being any less ready. */
  tell(name: string, note: () => string | undefined): void {
    this.tellers.set(name, note);
  }

  /** Takes back what `tell` added. */
  tellNoMore(name: string): void {
    this.tellers.delete(name);
  }

  /**
   * Starts work that must succeed once before the service is ready, for instance loading a model, and returns its result.
   * The service listens meanwhile; when the work fails the reason is logged and shown by `/readyz`, and the service stays up, never ready.
   */
  load<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    let missing: string | undefined = 'is being loaded';
    this.require(name, () => missing);
    const started = performance.now();
    const result = Promise.resolve().then(work);
    result.then(
      () => {
        missing = undefined;
        this.log.info(`${name} is loaded`, { seconds: Math.round(performance.now() - started) / 1000 });
      },
      (error: unknown) => {
        missing = error instanceof Error ? error.message : String(error);
        this.log.error(`${name} can't be loaded: ${missing}`, { error });
      },
    );
    return result;
  }

  /** Asks every check; one that throws or takes over two seconds counts as missing. */
  async report(): Promise<ReadinessReport> {
    const missing: Record<string, string> = {};
    await Promise.all(
      [...this.checks].map(async ([name, check]) => {
        const reason = await answerOf(check);
        if (reason !== undefined) missing[name] = reason;
      }),
    );
    const notes = [...this.tellers].flatMap(([name, note]) => {
      const text = note();
      return text === undefined ? [] : [[name, text] as const];
    });
    const ready = Object.keys(missing).length === 0;
    return notes.length === 0 ? { ready, missing } : { ready, missing, notes: Object.fromEntries(notes) };
  }
}

async function answerOf(check: ReadinessCheck): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, CHECK_TIMEOUT_MS, `did not answer within ${CHECK_TIMEOUT_MS} ms`);
  });
  try {
    return await Promise.race([Promise.resolve().then(check), late]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
