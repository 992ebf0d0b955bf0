import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type ConfigClass, ConfigError, describeConfig, type Environment, type Variable } from './config/config.js';
import type { serviceVariables } from './config/variables.js';
import { GrpcSecurity, type GrpcSecurityConfig } from './grpc/security.js';
import { GrpcServer, type ServedService } from './grpc/server.js';
import { HttpErrorFilter } from './http/error-filter.js';
import { allowEmptyJson, answerBadAddress, answerBadRequest } from './http/framework-errors.js';
import { addOperationsRoutes } from './http/operations.js';
import { addRequestMetrics } from './http/request-metrics.js';
import { addRequestSpans } from './http/request-spans.js';
import { SilentConnections } from './http/silent-connections.js';
import { Lifecycle } from './lifecycle/lifecycle.js';
import { ownProcess } from './lifecycle/own-process.js';
import { Readiness } from './lifecycle/readiness.js';
import { Log } from './telemetry/log.js';
import { Metrics } from './telemetry/metrics.js';
import { NestLogger } from './telemetry/nest-logger.js';
import { startTracing, type TracingConfig } from './telemetry/tracing.js';

type AnyVariables = Record<string, Variable>;

/** What makes a service: its configuration, its Nest module, and what it serves over gRPC. */
export interface ServiceOptions<Variables extends AnyVariables> {
  /** The class that the service's config.ts made with `defineConfig`; also its token in Nest's container. */
  readonly config: ConfigClass<Variables>;
  readonly module: Type | DynamicModule;
  /** Lists the gRPC services, resolving their handlers from the container; absent when there are none. */
  readonly services?: (resolve: <Value>(token: Type<Value>) => Value) => ServedService[];
  /** Largest HTTP request body; 1 MiB unless given. */
  readonly bodyLimitBytes?: number;
  /** For specs: an environment instead of the process's; signals, arguments and exit codes are then left alone. */
  readonly environment?: Environment;
}

/** A service that listens. */
export interface RunningService {
  readonly httpPort: number;
  /** Undefined when the service has no gRPC server. */
  readonly grpcPort: number | undefined;
  readonly app: NestFastifyApplication;
  /** Drains and stops it: not ready, nothing new accepted, what is in flight finished, everything closed. */
  stop(): Promise<void>;
}

/**
 * Starts a service: reads its configuration, builds its module, listens, and stops it gracefully on SIGTERM or SIGINT.
 *
 * The module may inject `Config`, `Log`, `Metrics`, `Readiness`, `Lifecycle` and `GrpcSecurity`. HTTP listens before models are loaded
 * (see `Readiness.load`), so that `/healthz` and `/readyz` answer from the first moment.
 */
export async function startService<Variables extends AnyVariables & typeof serviceVariables>(
  options: ServiceOptions<Variables>,
): Promise<RunningService> {
  if (options.environment !== undefined) return await start(options, options.config.read(options.environment) as ServiceConfig);
  return await ownProcess({
    help: describeConfig(options.config.definition),
    readConfig: () => options.config.read() as ServiceConfig,
    isConfigError: (error) => error instanceof ConfigError,
    start: (config) => start(options, config),
  });
}

type ServiceConfig = TracingConfig &
  GrpcSecurityConfig & {
    readonly httpHost: string;
    readonly httpPort: number;
    readonly logLevel: Parameters<typeof Log.create>[1];
    readonly grpcHost?: string;
    readonly grpcPort?: number;
  };

async function start<Variables extends AnyVariables>(
  options: ServiceOptions<Variables>,
  config: ServiceConfig,
): Promise<RunningService & { log: Log }> {
  const service = options.config.definition.service;
  const log = Log.create(service, config.logLevel);
  const security = GrpcSecurity.open(config);
  const metrics = new Metrics(service);
  const readiness = new Readiness(log);
  const lifecycle = new Lifecycle();
  const tracing = await startTracing(service, config, log, metrics);
  readiness.require('running', () => (lifecycle.draining.aborted ? 'the service is shutting down' : undefined));

  const shared = [
    { provide: options.config, useValue: config },
    { provide: Log, useValue: log },
    { provide: Metrics, useValue: metrics },
    { provide: Readiness, useValue: readiness },
    { provide: Lifecycle, useValue: lifecycle },
    { provide: GrpcSecurity, useValue: security },
  ];
  const kit: DynamicModule = { module: KitModule, global: true, providers: shared, exports: shared };
  const root: DynamicModule = { module: RootModule, imports: [kit, options.module] };
  const bodyLimit = options.bodyLimitBytes ?? 1024 * 1024;
  const app = await NestFactory.create<NestFastifyApplication>(
    root,
    new FastifyAdapter({ bodyLimit, frameworkErrors: answerBadAddress, clientErrorHandler: answerBadRequest }),
    // Fastify's own JSON parser stays; Nest would add one for HTML forms, which no route wants.
    { logger: new NestLogger(log), abortOnError: false, bodyParser: false },
  );
  app.useGlobalFilters(new HttpErrorFilter(log, bodyLimit));
  const http = app.getHttpAdapter().getInstance();
  const silent = new SilentConnections(http.server);
  http.removeContentTypeParser('text/plain');
  allowEmptyJson(http);
  if (tracing.isOn) addRequestSpans(http);
  addRequestMetrics(http, metrics);
  addOperationsRoutes(http, service, readiness, metrics);

  await app.listen(config.httpPort, config.httpHost);
  const httpPort = portOf(http.server.address());
  const grpc =
    options.services &&
    new GrpcServer({
      services: options.services((token) => app.get(token, { strict: false })),
      log,
      metrics,
      security,
      isReady: async () => (await readiness.report()).ready,
    });
  const grpcPort = await grpc?.listen(config.grpcHost ?? config.httpHost, config.grpcPort ?? 0);
  log.info('listening', { host: config.httpHost, httpPort, grpcPort });

  let stopped: Promise<void> | undefined;
  const stop = async () => {
    lifecycle.drain();
    // gRPC calls in flight may need what the container holds, so they end first.
    await grpc?.close();
    const closed = app.close();
    silent.close();
    await closed;
    grpc?.destroy();
    await tracing.stop();
    log.info('stopped');
  };
  return {
    app,
    httpPort,
    grpcPort,
    log,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('HTTP did not bind to a port');
  return address.port;
}

class KitModule {}
class RootModule {}
