import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type LocalConfig, LocalError } from './config.js';
import { LOOPBACK } from './ports.js';
import type { ProcessSpec } from './supervised-process.js';

/**
 * Keeps glibc from holding freed memory in one arena per thread: about a tenth of each service's resident memory.
 */
export const thriftyEnvironment = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' } as const;

/**
 * Returns Node's options for a service: V8 would let the young generation of one that is mostly idle grow to 48 MiB, so this saves about
 * 30 MiB for each. What a gateway makes for a request would be old before the request is answered, so it has more.
 */
export function nodeOptions(app: string): string[] {
  return [`--max-semi-space-size=${app === 'gateway' ? 4 : 1}`];
}

/**
 * Finds what Node is to run for a service: its bundle, which starts in a third of the time that its modules take one by one. Versions of
 * before, which stand beside this one in an upgrade, have none.
 */
export function serviceEntry(root: string, app: string): string {
  const dist = path.join(root, 'apps', app, 'dist');
  const bundle = path.join(dist, 'bundle/main.js');
  return existsSync(bundle) ? bundle : path.join(dist, 'main.js');
}

/** Lets webhooks lead to a developer's own machine, as the gateway by itself does not. */
const webhooksToThisMachine: NodeJS.ProcessEnv = { WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8,::1/128' };

/** One service of the local platform: its process and where it listens. */
export interface ServiceSpec {
  readonly name: string;
  readonly process: ProcessSpec;
  readonly httpUrl: string;
  readonly grpcAddress?: string;
}

/** What the services share beyond the environment. */
export interface SharedSettings {
  readonly redisUrl: string;
  readonly adminToken: string;
  readonly models: readonly string[];
  /** Port of the control plane, which serves the dashboard; undefined for a free one. */
  readonly dashboardPort: number | undefined;
}

/**
 * Lists the image models to serve: those asked for, else every folder with a model_index.json.
 * @throws LocalError when a model is missing, or there is none.
 */
export function servedModels(config: LocalConfig): string[] {
  const isModel = (name: string) => existsSync(path.join(config.modelsDir, name, 'model_index.json'));
  const present = existsSync(config.modelsDir) ? readdirSync(config.modelsDir).filter(isModel).sort() : [];
  if (config.models.length > 0) {
    const missing = config.models.find((name) => !isModel(name));
    if (missing !== undefined) {
      throw new LocalError(`MODELS names "${missing}", but ${config.modelsDir} has ${present.join(', ') || 'no model'}.`);
    }
    return [...config.models];
  }
  if (present.length === 0) throw new LocalError(`No model in ${config.modelsDir}: a model is a folder with a model_index.json.`);
  return present;
}

/** Names of the services that need loopback ports, in the order of the path of a request. */
function serviceNames(
  models: readonly string[],
  denoisersEach: number,
): { name: string; app: string; grpc: boolean; model?: string }[] {
  const denoisers = models.flatMap((model) =>
    Array.from({ length: denoisersEach }, (_, index) => ({
      name: index === 0 ? `denoiser-${model}` : `denoiser-${model}-${index + 1}`,
      app: 'denoiser',
      grpc: false,
      model,
    })),
  );
  return [
    { name: 'gateway', app: 'gateway', grpc: false },
    { name: 'control-plane', app: 'control-plane', grpc: true },
    { name: 'moderator', app: 'moderator', grpc: true },
    { name: 'prompt-encoder', app: 'prompt-encoder', grpc: true },
    ...denoisers,
    { name: 'vae-decoder', app: 'vae-decoder', grpc: true },
  ];
}

/** How many free ports serviceSpecs needs. */
export function portsNeeded(models: readonly string[], { denoisers }: LocalConfig): number {
  return serviceNames(models, denoisers).length * 2;
}

/** Describes every service's process: entry point, ports and the addresses of the others. */
export function serviceSpecs(config: LocalConfig, shared: SharedSettings, ports: readonly number[]): ServiceSpec[] {
  const fixedPorts = new Map([
    ['gateway', config.port],
    ['control-plane', shared.dashboardPort],
  ]);
  const placed = serviceNames(shared.models, config.denoisers).map((service, index) => ({
    ...service,
    httpPort: fixedPorts.get(service.name) ?? Number(ports[index * 2]),
    grpcPort: Number(ports[index * 2 + 1]),
  }));
  const grpcAddress = (name: string) => `${LOOPBACK}:${placed.find((service) => service.name === name)?.grpcPort}`;
  const common: NodeJS.ProcessEnv = {
    ...thriftyEnvironment,
    ...webhooksToThisMachine,
    REDTEAM_DIR: path.join(config.root, 'redteam'),
    REDTEAM_REPORT: path.join(config.root, 'docs/red-team/report.json'),
    ...config.environment,
    NODE_COMPILE_CACHE: path.join(config.root, 'node_modules/.cache/darkroom/compile'),
    DARKROOM_STATE_DIR: config.stateDir,
    MODELS_DIR: config.modelsDir,
    MODELS: shared.models.join(','),
    REDIS_URL: shared.redisUrl,
    ADMIN_TOKEN: shared.adminToken,
    HTTP_HOST: LOOPBACK,
    PROMPT_ENCODER_ADDRESS: grpcAddress('prompt-encoder'),
    VAE_DECODER_ADDRESS: grpcAddress('vae-decoder'),
    MODERATOR_ADDRESS: grpcAddress('moderator'),
    CONTROL_PLANE_ADDRESS: grpcAddress('control-plane'),
  };
  const preload = pathToFileURL(path.join(import.meta.dirname, 'die-with-launcher.js')).href;
  return placed.map(({ name, app, grpc, model, httpPort, grpcPort }) => ({
    name,
    httpUrl: `http://${LOOPBACK}:${httpPort}`,
    ...(grpc ? { grpcAddress: `${LOOPBACK}:${grpcPort}` } : {}),
    process: {
      name,
      command: process.execPath,
      args: [...nodeOptions(app), '--import', preload, '--enable-source-maps', serviceEntry(config.root, app)],
      cwd: config.root,
      env: {
        ...common,
        HTTP_PORT: String(httpPort),
        ...(grpc ? { GRPC_PORT: String(grpcPort) } : {}),
        ...(model === undefined ? {} : { MODEL: model }),
      },
      logFile: path.join(config.stateDir, `logs/${name}.log`),
      lifeline: 'ipc' as const,
    },
  }));
}
