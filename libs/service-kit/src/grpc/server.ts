import { once } from 'node:events';
import { DarkroomError, toGrpc } from '@darkroom/contracts';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Log } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import { incomingContext, inSpan, SpanKind } from '../telemetry/spans.js';
import { channelOptions } from './channel-options.js';
import { HealthService, ServingStatus } from './health.js';
import { GrpcSecurity } from './security.js';
import { spanAttributes, spanName } from './span-names.js';
import type { AnyService, Handlers, StreamingHandler, UnaryHandler } from './types.js';

type AnyMethod = AnyService[string];
/** By method, each of the kind that its method is. */
type AnyHandlers = Readonly<Record<string, UnaryHandler<unknown, unknown> | StreamingHandler<unknown, unknown>>>;

/** A service definition together with the object that serves it; made by `serve`. */
export interface ServedService {
  readonly definition: AnyService;
  readonly handlers: AnyHandlers;
}

/** Pairs a generated service definition with the object that serves it. */
export function serve<Service extends AnyService>(definition: Service, handlers: Handlers<Service>): ServedService {
  return { definition, handlers: handlers as unknown as AnyHandlers };
}

/** What a server needs besides its services. */
export interface GrpcServerOptions {
  readonly services: readonly ServedService[];
  readonly log: Log;
  readonly metrics: Metrics;
  /** Asked by the health service. */
  readonly isReady: () => Promise<boolean>;
  /** Who may call; everybody unless given. */
  readonly security?: GrpcSecurity;
}

/** A gRPC server whose handlers are async functions that may throw DarkroomError. */
export class GrpcServer {
  private readonly server: Server;
  private readonly security: GrpcSecurity;
  private readonly log: Log;
  private readonly duration;
  /** Aborts when the server stops, which ends the streams that would go on for ever. */
  private readonly stopping = new AbortController();

  constructor({ services, log, metrics, isReady, security = GrpcSecurity.none }: GrpcServerOptions) {
    this.server = new Server({ ...channelOptions, interceptors: security.interceptors });
    this.security = security;
    this.log = log;
    this.duration = metrics.histogram({
      name: 'darkroom_grpc_server_seconds',
      help: 'How long a gRPC call took to serve, by method and outcome.',
      labelNames: ['method', 'code'],
    });
    for (const { definition, handlers } of services) this.add(definition, handlers);
    this.add(HealthService, {
      check: async () => ({ status: (await isReady()) ? ServingStatus.SERVING : ServingStatus.NOT_SERVING }),
    });
  }

  /** Listens and returns the port that was bound. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
      this.server.bindAsync(address, this.security.server, (error, bound) => {
        if (error) reject(new Error(`gRPC can't listen on ${address}: ${error.message}`, { cause: error }));
        else resolve(bound);
      });
    });
  }

  /** Refuses new calls, ends streams of answers, and waits until the other calls in flight are answered. */
  close(): Promise<void> {
    this.stopping.abort(
      new DarkroomError({ code: 'unavailable', message: 'the service is shutting down', retryAfterSeconds: 2 }),
    );
    return new Promise((resolve, reject) => {
      this.server.tryShutdown((error) => (error ? reject(error) : resolve()));
    });
  }

  /** Drops every connection at once. */
  destroy(): void {
    this.server.forceShutdown();
  }

  private add(definition: AnyService, handlers: AnyHandlers): void {
    const implementation: UntypedServiceImplementation = {};
    for (const [name, method] of Object.entries(definition)) {
      const handler = handlers[name];
      if (handler === undefined) throw new TypeError(`nothing serves ${method.path}`);
      implementation[name] = method.responseStream
        ? this.streaming(method, handler.bind(handlers) as StreamingHandler<unknown, unknown>)
        : this.unary(method, handler.bind(handlers) as UnaryHandler<unknown, unknown>);
    }
    this.server.addService(definition, implementation);
  }

  private unary(method: AnyMethod, handler: UnaryHandler<unknown, unknown>): handleUnaryCall<unknown, unknown> {
    // Of health checks there are many, and they are part of nothing.
    const serveCall = method === HealthService.check ? handler : traced(method, handler);
    return (call: ServerUnaryCall<unknown, unknown>, reply: sendUnaryData<unknown>) => {
      const stop = this.duration.startTimer({ method: method.path });
      const signal = gone(call);
      Promise.resolve()
        .then(() => serveCall(call.request, { signal, call }))
        .then(
          (response) => {
            stop({ code: 'ok' });
            reply(null, response);
          },
          (thrown: unknown) => reply(this.failed(method, thrown, stop)),
        );
    };
  }

  private streaming(method: AnyMethod, handler: StreamingHandler<unknown, unknown>): handleServerStreamingCall<unknown, unknown> {
    return (call: ServerWritableStream<unknown, unknown>) => {
      const stop = this.duration.startTimer({ method: method.path });
      const signal = AbortSignal.any([gone(call), this.stopping.signal]);
      writeAll(call, handler(call.request, { signal, call }), signal).then(
        () => {
          stop({ code: 'ok' });
          call.end();
        },
        (thrown: unknown) => call.emit('error', this.failed(method, signal.aborted ? signal.reason : thrown, stop)),
      );
    };
  }

  private failed({ path }: AnyMethod, thrown: unknown, stop: (labels: { code: string }) => void) {
    const error = DarkroomError.from(thrown);
    stop({ code: error.code });
    if (error.code === 'internal') this.log.error(`${path} failed`, { error: thrown });
    return toGrpc(error);
  }
}

/** Writes all answers of a call, as fast as its client reads them; a handler that waits ends its wait when the signal aborts. */
async function writeAll(call: ServerWritableStream<unknown, unknown>, answers: AsyncIterable<unknown>, signal: AbortSignal) {
  for await (const answer of answers) {
    signal.throwIfAborted();
    if (!call.write(answer)) await once(call, 'drain', { signal });
  }
}

/** Aborts when a call's client has gone, cancelled, or run out of time. */
function gone(call: ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>): AbortSignal {
  const controller = new AbortController();
  call.on('cancelled', () => controller.abort(new DarkroomError({ code: 'cancelled', message: 'the caller has gone' })));
  return controller.signal;
}

/** Serves a call inside a span, as part of the caller's trace. */
function traced(method: AnyMethod, handler: UnaryHandler<unknown, unknown>): UnaryHandler<unknown, unknown> {
  const [name, attributes] = [spanName(method), spanAttributes(method)];
  return async (request, context) => {
    const parent = incomingContext(context.call.metadata.getMap());
    return await inSpan(name, { kind: SpanKind.SERVER, attributes, parent }, () => handler(request, context));
  };
}
