import pino, { type Logger as PinoLogger } from 'pino';

/** Extra facts of one log line; ids, counts and durations, never a prompt, a key or an image. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Levels a service can be told to log from. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

// A second fence behind the rule that nobody passes these: the fields vanish instead of being printed.
const SECRET_FIELDS = ['prompt', 'negativePrompt', 'secret', 'authorization', 'apiKey', 'password', 'image'];

/** Writes one JSON line per event to standard error. */
export class Log {
  private readonly logger: PinoLogger;

  constructor(logger: PinoLogger) {
    this.logger = logger;
  }

  /** Makes the log of a service. */
  static create(service: string, level: LogLevel, destination?: pino.DestinationStream): Log {
    return new Log(
      pino(
        {
          base: { service },
          level,
          messageKey: 'message',
          errorKey: 'error',
          timestamp: pino.stdTimeFunctions.isoTime,
          formatters: { level: (label) => ({ level: label }) },
          redact: { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]), remove: true },
        },
        destination ?? pino.destination({ fd: 2, sync: true }),
      ),
    );
  }

  /** Returns a log whose every line carries these fields besides its own. */
  child(fields: LogFields): Log {
    return new Log(this.logger.child(fields));
  }

  debug(message: string, fields: LogFields = {}): void {
    this.logger.debug(fields, message);
  }

  info(message: string, fields: LogFields = {}): void {
    this.logger.info(fields, message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.logger.warn(fields, message);
  }

  /** Logs a failure; pass what was thrown as the field `error`. */
  error(message: string, fields: LogFields = {}): void {
    this.logger.error(fields, message);
  }
}
