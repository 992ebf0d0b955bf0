import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject, Watch } from '@kubernetes/client-node';

/** A list of one kind of object, as it was at a version. */
export interface ListedObjects<Raw> {
  readonly items: readonly Raw[];
  readonly metadata?: { readonly resourceVersion?: string } | undefined;
}

/** What is watched, and what of it is kept. */
export interface WatchedListOptions<Raw extends KubernetesObject, Kept> {
  readonly watch: Watch;
  /** Path of the list, for instance `/api/v1/nodes`. */
  readonly path: string;
  readonly fieldSelector?: string;
  readonly list: () => Promise<ListedObjects<Raw>>;
  readonly keep: (object: Raw) => Kept;
  /** How long a list may take. */
  readonly listTimeoutMs: number;
  /** Waits between attempts: at first, and at most. */
  readonly retryMs: readonly [number, number];
  /** Told when the API is lost, with the reason, and when it is back, with nothing. */
  readonly onChange: (reason: string | undefined) => void;
}

/**
 * Keeps a copy of a list of Kubernetes objects: lists them once, then watches for changes from that version on.
 *
 * A watch that ends goes on from the last version that was told. Where the API server does not have that version any more
 * (410 Gone), everything is listed anew. Until then the copy stays as it was, and tells for how long it has not been sure of itself.
 */
export class WatchedList<Raw extends KubernetesObject, Kept> {
  private readonly options: WatchedListOptions<Raw, Kept>;
  private readonly kept = new Map<string, Kept>();
  private version: string | undefined;
  private isListed = false;
  /** When it was lost, and why; undefined while it is watched. */
  private lost: { readonly atMs: number; readonly reason: string } | undefined;

  constructor(options: WatchedListOptions<Raw, Kept>) {
    this.options = options;
  }

  /** What there is, as far as it is known. */
  get items(): Iterable<Kept> {
    return this.kept.values();
  }

  /**
   * Says why the copy can't be relied upon; undefined while it can be.
   *
   * @param staleMs for how long it counts after the API was lost.
   */
  missing(staleMs: number): string | undefined {
    if (!this.isListed) return this.lost?.reason ?? 'not listed yet';
    if (this.lost === undefined || performance.now() - this.lost.atMs <= staleMs) return undefined;
    return this.lost.reason;
  }

  /** Lists and watches until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const [first, most] = this.options.retryMs;
    let waitMs = first;
    while (!signal.aborted) {
      const startMs = performance.now();
      try {
        this.version ??= await this.list();
        await this.follow(this.version, signal);
      } catch (error) {
        if (isGone(error)) this.version = undefined;
        else if (!signal.aborted) this.lose(error);
      }
      // A watch that lasted is begun again at once; what fails or ends at once must not be asked without pause.
      waitMs = performance.now() - startMs > most ? first : Math.min(2 * waitMs, most);
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async list(): Promise<string> {
    const { list, listTimeoutMs, keep } = this.options;
    const listed = await within(listTimeoutMs, list());
    this.kept.clear();
    for (const object of listed.items) this.kept.set(keyOf(object), keep(object));
    this.isListed = true;
    this.found();
    return listed.metadata?.resourceVersion ?? '';
  }

  /** Takes in changes until the watch ends; rejects with what ended it, unless it simply did. */
  private async follow(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { watch, path, fieldSelector } = this.options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onEvent = (type: string, object: Raw & { readonly code?: number; readonly message?: string }) => {
      if (type === 'ERROR') reject(Object.assign(new Error(object.message ?? 'the watch failed'), { statusCode: object.code }));
      else this.apply(type, object);
    };
    const query = { resourceVersion, allowWatchBookmarks: true, fieldSelector };
    let isOpen = false;
    let hasEnded = false;
    const connection = await watch.watch(path, query, onEvent, (error: unknown) => {
      hasEnded = true;
      // A watch in which nothing was said for a while is closed, since its connection may be dead; one that never opened has failed.
      const isQuiet = (error as Error | null)?.name === 'TimeoutError';
      if (isOpen && (error === null || isQuiet)) resolve();
      else reject(error ?? new Error('the watch was closed before it began'));
    });
    promise.catch(() => undefined);
    if (!hasEnded) {
      isOpen = true;
      this.found();
    }
    const stop = () => {
      connection.abort();
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', stop);
      connection.abort();
    }
  }

  private apply(type: string, object: Raw): void {
    if (type === 'DELETED') this.kept.delete(keyOf(object));
    else if (type === 'ADDED' || type === 'MODIFIED') this.kept.set(keyOf(object), this.options.keep(object));
    this.version = object.metadata?.resourceVersion ?? this.version;
  }

  private lose(error: unknown): void {
    if (this.lost !== undefined) return;
    this.lost = { atMs: performance.now(), reason: reasonOf(error) };
    this.options.onChange(this.lost.reason);
  }

  private found(): void {
    if (this.lost === undefined) return;
    this.lost = undefined;
    this.options.onChange(undefined);
  }
}

function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}

/** Reads the HTTP status that the API answered with; undefined when it did not answer. */
export function statusOf(error: unknown): number | undefined {
  const { statusCode, code } = error as { readonly statusCode?: unknown; readonly code?: unknown };
  return [statusCode, code].find((status) => typeof status === 'number');
}

function isGone(error: unknown): boolean {
  return statusOf(error) === 410;
}

function reasonOf(error: unknown): string {
  const status = statusOf(error);
  if (status !== undefined) return `it answers ${status}`;
  const cause = (error as { readonly cause?: unknown }).cause;
  return cause instanceof Error && cause.message !== '' ? cause.message : (error as Error).message;
}

/** Waits for work, so long at most. @throws {Error} Thrown when it takes longer. */
export async function within<Value>(timeoutMs: number, work: Promise<Value>): Promise<Value> {
  const controller = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: controller.signal }).then(() => {
    throw new Error(`no answer within ${timeoutMs / 1_000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    controller.abort();
    late.catch(() => undefined);
  }
}
