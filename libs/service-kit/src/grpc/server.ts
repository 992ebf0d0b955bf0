import { DarkroomError, toGrpc } from '@darkroom/contracts';
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Log } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import { incomingContext, inSpan, SpanKind } from '../telemetry/spans.js';
import { channelOptions } from './channel-options.js';
import { HealthService, ServingStatus } from './health.js';
import { spanAttributes, spanName } from './span-names.js';
import type { Handlers, UnaryService } from './types.js';

/** A service definition together with the object that serves it; made by `serve`. */
export interface ServedService {
  readonly definition: UnaryService;
  readonly handlers: Handlers<UnaryService>;
}

/** Pairs a generated service definition with the object that serves it. */
export function serve<Service extends UnaryService>(definition: Service, handlers: Handlers<Service>): ServedService {
  return { definition, handlers: handlers as Handlers<UnaryService> };
}

/** What a server needs besides its services. */
export interface GrpcServerOptions {
  readonly services: readonly ServedService[];
  readonly log: Log;
  readonly metrics: Metrics;
  /** Asked by the health service. */
  readonly isReady: () => Promise<boolean>;
}

/** A gRPC server whose handlers are async functions that may throw DarkroomError. */
export class GrpcServer {
  private readonly server = new Server(channelOptions);
  private readonly log: Log;
  private readonly duration;

  constructor({ services, log, metrics, isReady }: GrpcServerOptions) {
    this.log = log;
    this.duration = metrics.histogram({
      name: 'darkroom_grpc_server_seconds',
      help: 'How long a gRPC call took to serve, by method and outcome.',
      labelNames: ['method', 'code'],
    });
    for (const { definition, handlers } of services) this.add(definition, handlers);
    this.add(HealthService, {
      check: async () => ({ status: (await isReady()) ? ServingStatus.SERVING : ServingStatus.NOT_SERVING }),
    } satisfies Handlers<typeof HealthService>);
  }

  /** Listens and returns the port that was bound. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
      this.server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(new Error(`gRPC can't listen on ${address}: ${error.message}`, { cause: error }));
        else resolve(bound);
      });
    });
  }

  /** Refuses new calls and waits until those in flight are answered. */
  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.tryShutdown((error) => (error ? reject(error) : resolve()));
    });
  }

  /** Drops every connection at once. */
  destroy(): void {
    this.server.forceShutdown();
  }

  private add(definition: UnaryService, handlers: Handlers<UnaryService>): void {
    const implementation: UntypedServiceImplementation = {};
    for (const [name, method] of Object.entries(definition)) {
      const handler = handlers[name];
      if (handler === undefined) throw new TypeError(`nothing serves ${method.path}`);
      implementation[name] = this.unary(method, handler.bind(handlers));
    }
    this.server.addService(definition, implementation);
  }

  private unary(method: UnaryService[string], handler: Handlers<UnaryService>[string]): handleUnaryCall<unknown, unknown> {
    const { path } = method;
    // Of health checks there are many, and they are part of nothing.
    const serveCall = method === HealthService.check ? handler : traced(method, handler);
    return (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) => {
      const controller = new AbortController();
      call.on('cancelled', () => controller.abort(new DarkroomError({ code: 'cancelled', message: 'the caller has gone' })));
      const stop = this.duration.startTimer({ method: path });
      Promise.resolve()
        .then(() => serveCall(call.request, { signal: controller.signal, call }))
        .then(
          (response) => {
            stop({ code: 'ok' });
            reply(null, response);
          },
          (thrown: unknown) => {
            const error = DarkroomError.from(thrown);
            stop({ code: error.code });
            if (error.code === 'internal') this.log.error(`${path} failed`, { error: thrown });
            reply(toGrpc(error));
          },
        );
    };
  }
}

/** Serves a call inside a span, as part of the caller's trace. */
function traced(method: UnaryService[string], handler: Handlers<UnaryService>[string]): Handlers<UnaryService>[string] {
  const [name, attributes] = [spanName(method), spanAttributes(method)];
  return async (request, context) => {
    const parent = incomingContext(context.call.metadata.getMap());
    return await inSpan(name, { kind: SpanKind.SERVER, attributes, parent }, () => handler(request, context));
  };
}
