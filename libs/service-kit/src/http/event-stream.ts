import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Proxies close a connection that is silent for long; a comment now and then keeps it. */
const KEEP_ALIVE_MS = 15_000;

/** One event as it goes over the wire. */
export interface ServerSentEvent {
  readonly id?: string | undefined;
  readonly event: string;
  readonly data: unknown;
}

/** An answer that is a stream of server-sent events (HTML Living Standard, section 9.2). */
export class EventStream {
  private readonly raw: ServerResponse;
  private readonly keepAlive: NodeJS.Timeout;
  private readonly gone = new AbortController();

  /** Begins the answer; what is thrown from here on can only end it. */
  constructor(reply: FastifyReply) {
    const headers = reply.getHeaders();
    reply.hijack();
    this.raw = reply.raw;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.raw.setHeader(name, value);
    }
    this.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Nginx would collect events before it passes them on.
      'x-accel-buffering': 'no',
    });
    this.raw.flushHeaders();
    this.raw.once('close', () => this.gone.abort());
    this.keepAlive = setInterval(() => {
      if (!this.raw.writableNeedDrain) this.raw.write(': still here\n\n');
    }, KEEP_ALIVE_MS).unref();
  }

  /** Aborts when the client has gone. */
  get closed(): AbortSignal {
    return this.gone.signal;
  }

  /** Whether the client has read what was sent so far, as far as can be told. */
  get isReady(): boolean {
    return !this.raw.writableNeedDrain;
  }

  /** Sends one event, and waits while the client reads more slowly than it is sent to. */
  async send({ id, event, data }: ServerSentEvent): Promise<void> {
    if (this.closed.aborted) return;
    const place = id === undefined ? '' : `id: ${id}\n`;
    const isRoomLeft = this.raw.write(`${place}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (!isRoomLeft) await once(this.raw, 'drain', { signal: this.closed }).catch(() => undefined);
  }

  end(): void {
    clearInterval(this.keepAlive);
    this.raw.end();
  }
}
