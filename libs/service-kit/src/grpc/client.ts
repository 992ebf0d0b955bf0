import { DarkroomError, errorMetadataKey, fromGrpc } from '@darkroom/contracts';
import { Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { inSpan, outgoingContext, SpanKind } from '../telemetry/spans.js';
import { channelOptions } from './channel-options.js';
import { HealthService, ServingStatus } from './health.js';
import { GrpcSecurity } from './security.js';
import { spanAttributes, spanName } from './span-names.js';
import type { CallOptions, GrpcClient, UnaryMethod, UnaryService } from './types.js';

/** Where a client connects and how patient it is. */
export interface GrpcConnectionOptions {
  /** `host:port`. */
  readonly address: string;
  /** What the other side is called in errors and readiness reports, for instance "moderator". */
  readonly name: string;
  /** Milliseconds a call may take unless it says otherwise. */
  readonly timeoutMs: number;
  /** How the two know each other; not at all unless given. */
  readonly security?: GrpcSecurity;
}

/** One connection to another service: typed clients over it, its health, and its end. */
export class GrpcConnection {
  private readonly channel: Client;
  private readonly options: GrpcConnectionOptions;
  private readonly security: GrpcSecurity;

  constructor(options: GrpcConnectionOptions) {
    this.options = options;
    // The connection is made lazily, by the first call.
    this.security = options.security ?? GrpcSecurity.none;
    this.channel = new Client(options.address, this.security.client, channelOptions);
  }

  /** Makes a client of one of the services that the other side offers. */
  client<Service extends UnaryService>(definition: Service): GrpcClient<Service> {
    const methods = Object.entries(definition).map(([name, method]) => [
      name,
      (request: unknown, options?: CallOptions) => this.tracedCall(method, request, options),
    ]);
    return Object.fromEntries(methods) as GrpcClient<Service>;
  }

  /** Says why the other side can't serve, or undefined when it can; fits `Readiness.require`. */
  readonly missing = async (): Promise<string | undefined> => {
    try {
      const { status } = await this.call(HealthService.check, { service: '' }, { timeoutMs: 1_500 });
      return status === ServingStatus.SERVING ? undefined : `${this.options.name} is not ready`;
    } catch (error) {
      return DarkroomError.from(error).message;
    }
  };

  close(): void {
    this.channel.close();
  }

  /** Makes one unary call inside a span; only health checks, of which there are many, go without. */
  private tracedCall<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    options?: CallOptions,
  ): Promise<Response> {
    const attributes = { ...spanAttributes(method), 'server.address': this.options.name };
    return inSpan(spanName(method), { kind: SpanKind.CLIENT, attributes }, () => this.call(method, request, options));
  }

  /**
   * Makes one unary call.
   *
   * @throws {DarkroomError} Thrown when the other side refuses (its own error), can't be reached (`unavailable`), is too slow
   *   (`deadline_exceeded`), or the signal aborts (`cancelled`).
   */
  private call<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    { timeoutMs = this.options.timeoutMs, signal }: CallOptions = {},
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(
          new DarkroomError({
            code: 'cancelled',
            message: `the call to ${this.options.name} was cancelled`,
            cause: signal.reason,
          }),
        );
        return;
      }
      const call = this.channel.makeUnaryRequest(
        method.path,
        (value: Request) => method.requestSerialize(value),
        (bytes: Buffer) => method.responseDeserialize(bytes),
        request,
        this.metadata(),
        { deadline: Date.now() + timeoutMs },
        (error: ServiceError | null, response?: Response) => {
          signal?.removeEventListener('abort', abort);
          if (error) reject(this.explain(error));
          else resolve(response as Response);
        },
      );
      const abort = () => call.cancel();
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Lets the other side know who calls, and continue the trace. */
  private metadata(): Metadata {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(outgoingContext())) metadata.set(name, value);
    this.security.authorize(metadata);
    return metadata;
  }

  private explain(error: ServiceError): DarkroomError {
    // Without our detail it is not a user's key that is wrong but this service's token, which its user can't help.
    if (error.code === status.UNAUTHENTICATED && error.metadata.get(errorMetadataKey).length === 0)
      return this.unavailable(
        `${this.options.name} refuses calls without its GRPC_TOKEN, which this service does not have`,
        error,
      );
    if (error.code === status.UNIMPLEMENTED)
      return this.unavailable(`${this.options.name} is of an earlier version, which does not know this call`, error);
    const known = fromGrpc(error);
    if (known.code !== 'unavailable' || known.retryAfterSeconds !== undefined) return known;
    // grpc-js' own text carries addresses and no name; the reader wants to know which service it is.
    return this.unavailable(`${this.options.name} is not reachable${tlsReason(error)}`, error);
  }

  private unavailable(message: string, cause: ServiceError): DarkroomError {
    return new DarkroomError({ code: 'unavailable', message, retryAfterSeconds: 2, cause });
  }
}

/** Tells of what a call threw whether the other side doesn't know the call at all, as an earlier version in the midst of an update may. */
export function isNotImplemented(thrown: unknown): boolean {
  return thrown instanceof DarkroomError && (thrown.cause as Partial<ServiceError> | undefined)?.code === status.UNIMPLEMENTED;
}

/** Says that it was TLS which failed, where it was: the two sides have to be set up alike. */
function tlsReason({ details }: ServiceError): string {
  return /certificate|\bTLS\b|\bSSL\b|EPROTO|altname/i.test(details) ? ': TLS with it fails' : '';
}
