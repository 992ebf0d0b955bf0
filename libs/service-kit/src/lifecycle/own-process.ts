import type { Log } from '../telemetry/log.js';

/** What a process that is a service needs to know about it. */
export interface ProcessOptions<Config, Service extends StoppableService> {
  /** Printed for `--help`. */
  readonly help: string;
  readonly readConfig: () => Config;
  readonly isConfigError: (error: unknown) => boolean;
  readonly start: (config: Config) => Promise<Service>;
}

/** A service that can be told to stop. */
export interface StoppableService {
  readonly log: Log;
  stop(): Promise<void>;
}

/** Exit status for a wrong argument or environment; a restart won't help. */
const EXIT_CONFIG = 78;
/** Longest that a service takes to stop, in milliseconds: the platform promises an end within 10 s, which leaves room for the exit itself. */
export const STOP_TIMEOUT_MS = 9_500;

/** Runs a service as this whole process: arguments, signals, last words and exit status. */
export async function ownProcess<Config, Service extends StoppableService>(
  options: ProcessOptions<Config, Service>,
): Promise<Service> {
  const [argument] = process.argv.slice(2);
  if (argument === '--help' || argument === '-h') {
    process.stdout.write(options.help);
    process.exit(0);
  }
  if (argument !== undefined)
    fail(EXIT_CONFIG, `unknown argument ${argument}; the service is configured by environment variables, see --help`);

  let service: Service;
  try {
    service = await options.start(options.readConfig());
  } catch (error) {
    if (options.isConfigError(error)) fail(EXIT_CONFIG, (error as Error).message);
    fail(1, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  stopOnSignals(service);
  return service;
}

function stopOnSignals(service: StoppableService): void {
  let isStopping = false;
  const stop = (reason: string) => {
    if (isStopping) return;
    isStopping = true;
    service.log.info('stopping', { reason });
    setTimeout(() => {
      service.log.error('did not stop in time');
      process.exit(1);
    }, STOP_TIMEOUT_MS).unref();
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        service.log.error('stopping failed', { error });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  // What an unexpected error left behind is unknown: say it, and let the launcher start a fresh process.
  const crash = (error: unknown) => {
    service.log.error('crashed', { error });
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}

function fail(status: number, message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(status);
}
