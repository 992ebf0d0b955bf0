import { setTimeout as sleep } from 'node:timers/promises';
import { type LocalConfig, LocalError } from './config.js';
import { LocalPlatform } from './platform.js';
import { consoleEvents } from './report.js';
import { readRunRecord } from './run-file.js';
import { apiKeyFile, keptSecret, readSecret } from './secrets.js';

/** How long a command waits for services to become ready, or for another command's platform to go away. */
const READY_MS = 120_000;

/** A platform that can be used right now, whoever started it. */
export interface UsablePlatform {
  readonly gatewayUrl: string;
  readonly controlPlaneUrl: string;
  readonly adminToken: string;
  readonly apiKey: string;
  /** True when this command started it. */
  readonly own: boolean;
}

/** What a command needs, and how it's told to stop. */
export interface UseOptions {
  readonly command: string;
  readonly signal: AbortSignal;
  readonly only?: readonly string[];
  readonly say: (line: string) => void;
}

/**
 * Runs a task against the running platform, or starts one for it and stops that one afterwards.
 * @throws LocalError when no platform can be had.
 */
export async function usePlatform<T>(
  config: LocalConfig,
  options: UseOptions,
  task: (platform: UsablePlatform) => Promise<T>,
): Promise<T> {
  const running = await settledPlatform(config, options);
  if (running !== undefined) return task(running);
  options.say('Starting Darkroom (it stops again afterwards; `npm start` in another terminal keeps it running) …');
  const startedAt = Date.now();
  const platform = await LocalPlatform.start(config, {
    startedBy: options.command,
    signal: options.signal,
    readyTimeoutMs: READY_MS,
    ...(options.only === undefined ? {} : { only: options.only }),
    ...consoleEvents(),
  });
  try {
    options.signal.throwIfAborted();
    const { gatewayUrl, controlPlaneUrl, adminToken } = platform;
    const apiKey = await platform.apiKey();
    options.say(`Ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
    return await task({ gatewayUrl, controlPlaneUrl, adminToken, apiKey, own: true });
  } finally {
    await platform.stop();
  }
}

/** Waits until the running platform is ready, or until one that another command started for itself is gone. */
async function settledPlatform(config: LocalConfig, options: UseOptions): Promise<UsablePlatform | undefined> {
  const deadline = Date.now() + READY_MS;
  let told = false;
  for (;;) {
    const record = readRunRecord(config.stateDir);
    if (record === undefined) return undefined;
    if (record.startedBy === 'start' && record.ready) {
      const apiKey = readSecret(apiKeyFile(config.stateDir));
      if (apiKey !== undefined) {
        const adminToken = config.environment['ADMIN_TOKEN'] || keptSecret(`${config.stateDir}/admin-token`);
        return { gatewayUrl: record.gatewayUrl, controlPlaneUrl: record.controlPlaneUrl, adminToken, apiKey, own: false };
      }
    }
    if (Date.now() > deadline) {
      throw new LocalError(
        `Darkroom (process ${record.launcher.pid}, started by \`${record.startedBy}\`) is still not to be used after ${READY_MS / 1000} s. Logs: ${config.stateDir}/logs`,
      );
    }
    if (!told)
      options.say(
        record.startedBy === 'start'
          ? 'Waiting until Darkroom is ready …'
          : `Waiting for another command (\`${record.startedBy}\`) to finish …`,
      );
    told = true;
    options.signal.throwIfAborted();
    await sleep(200);
  }
}
