import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the environment decides about a platform on one machine. */
export interface LocalConfig {
  /** Root of the checkout. */
  readonly root: string;
  /** Where everything that must survive a restart lies. */
  readonly stateDir: string;
  /** The gateway's port. */
  readonly port: number;
  /** The dashboard's port, which is the control plane's; 0 for any. */
  readonly dashboardPort: number;
  /** Folder with one folder per model. */
  readonly modelsDir: string;
  /** Models to serve; empty for every image model in the folder. */
  readonly models: readonly string[];
  /** Denoiser processes for each model. */
  readonly denoisers: number;
  /** A Redis that runs already; undefined for a private one. */
  readonly redisUrl: string | undefined;
  /** Where the user typed the command; npm runs it elsewhere. */
  readonly workingDir: string;
  /** The whole environment, which the services inherit. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Thrown when the user must change something before the command can go on; the message says what. */
export class LocalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LocalError';
  }
}

/** Help text for the variables that readLocalConfig understands. */
export const environmentHelp = `Environment
  DARKROOM_PORT        port of the gateway on 127.0.0.1 (8080)
  DARKROOM_DASHBOARD_PORT  port of the dashboard on 127.0.0.1 (8090), while npm start runs; 0 takes a free one
  DARKROOM_STATE_DIR   folder for database, queue, images, logs and keys (.darkroom)
  MODELS_DIR           folder with one folder per model (models)
  MODELS               comma-separated models to serve (all in MODELS_DIR)
  DENOISERS            denoiser processes for each model (1)
  REDIS_URL            a Redis to use; unset: a private redis-server is started
Other variables reach the services as they are: DATABASE_URL, BLOB_STORE_URL, INTRA_OP_THREADS, LOG_LEVEL, …`;

/**
 * Reads the launcher's part of the environment.
 * @throws LocalError when a variable has no usable value.
 */
export function readLocalConfig(environment: NodeJS.ProcessEnv = process.env): LocalConfig {
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
  return {
    root,
    stateDir: path.resolve(root, environment['DARKROOM_STATE_DIR'] || '.darkroom'),
    port: wholeNumber(environment, 'DARKROOM_PORT', 8080, 65535),
    dashboardPort: wholeNumber(environment, 'DARKROOM_DASHBOARD_PORT', 8090, 65535, 0),
    modelsDir: path.resolve(root, environment['MODELS_DIR'] || 'models'),
    models: (environment['MODELS'] ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    denoisers: wholeNumber(environment, 'DENOISERS', 1, 64),
    redisUrl: environment['REDIS_URL'] || undefined,
    workingDir: environment['INIT_CWD'] || process.cwd(),
    environment,
  };
}

function wholeNumber(environment: NodeJS.ProcessEnv, name: string, byDefault: number, largest: number, least = 1): number {
  const value = Number(environment[name] || byDefault);
  if (!Number.isInteger(value) || value < least || value > largest) {
    throw new LocalError(`${name} is "${environment[name]}": it must be a whole number from ${least} to ${largest}.`);
  }
  return value;
}
