import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.js';

/** Sends Nest's own messages to the service's log; its chatter at start goes to debug. */
export class NestLogger implements LoggerService {
  private readonly sink: Log;

  constructor(sink: Log) {
    this.sink = sink;
  }

  log(message: unknown, context?: string): void {
    this.sink.debug(String(message), { context });
  }

  debug(message: unknown, context?: string): void {
    this.sink.debug(String(message), { context });
  }

  verbose(message: unknown, context?: string): void {
    this.sink.debug(String(message), { context });
  }

  warn(message: unknown, context?: string): void {
    this.sink.warn(String(message), { context });
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.sink.error(message instanceof Error ? message.message : String(message), {
      error: message instanceof Error ? message : undefined,
      context: rest.at(-1),
    });
  }
}
