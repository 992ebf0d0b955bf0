import { ControlPlaneServiceService } from '@darkroom/contracts';
import { type GrpcClient, GrpcConnection, type RunningService, serve, startService } from '@darkroom/service-kit';
import { AppModule } from './app.module.js';
import { Config } from './config.js';
import { ControlPlaneHandlers } from './control-plane.handlers.js';

/** The admin API's token in specs. */
export const ADMIN_TOKEN = 'spec-admin-token-0123456789';

/** Starts the control plane as it is. */
export function startControlPlane(environment: Record<string, string>): Promise<RunningService> {
  return startService({
    config: Config,
    module: AppModule,
    services: (resolve) => [serve(ControlPlaneServiceService, resolve(ControlPlaneHandlers))],
    environment: { LOG_LEVEL: 'silent', ADMIN_TOKEN, ...environment },
  });
}

/** Asks whether it can do its work: 200 or 503. */
export const readiness = async ({ httpPort }: RunningService) => (await fetch(`http://127.0.0.1:${httpPort}/readyz`)).status;

/** What the admin API answered. */
export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the specs look into many shapes of body.
  body: any;
}

/** Calls a control plane, as the other services and as operators do. */
export class Client {
  readonly connection: GrpcConnection;
  readonly grpc: GrpcClient<typeof ControlPlaneServiceService>;
  private readonly service: RunningService;

  constructor(service: RunningService) {
    this.service = service;
    this.connection = new GrpcConnection({ address: `127.0.0.1:${service.grpcPort}`, name: 'control-plane', timeoutMs: 10_000 });
    this.grpc = this.connection.client(ControlPlaneServiceService);
  }

  async admin(method: string, path: string, body?: unknown, token: string | undefined = ADMIN_TOKEN): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${this.service.httpPort}/admin/v1/${path}`, {
      method,
      headers: {
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }
}

/** What the fixture takes of @darkroom/testing, which only specs themselves may import. */
interface TestingTools {
  startPostgresServer(): Promise<{ readonly url: string; dispose(): Promise<void> }>;
  stateFolder(): Promise<{ readonly path: string; remove(): Promise<void> }>;
}

/** A database to run against: the environment that names it, and its end. */
export interface PreparedDatabase {
  readonly environment: Record<string, string>;
  dispose(): Promise<void>;
}

/** Both kinds of database, for specs that must hold for either. */
export function databases({ startPostgresServer, stateFolder }: TestingTools): [string, () => Promise<PreparedDatabase>][] {
  return [
    [
      'PGlite',
      async () => {
        const folder = await stateFolder();
        return { environment: { DARKROOM_STATE_DIR: folder.path }, dispose: () => folder.remove() };
      },
    ],
    [
      'PostgreSQL',
      async () => {
        const server = await startPostgresServer();
        return { environment: { DATABASE_URL: server.url }, dispose: () => server.dispose() };
      },
    ],
  ];
}
