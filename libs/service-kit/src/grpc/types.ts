import type { ServerUnaryCall } from '@grpc/grpc-js';

/** One unary method as ts-proto describes it: its path and the codecs of both messages. */
export interface UnaryMethod<Request, Response> {
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: false;
  requestSerialize(value: Request): Buffer;
  requestDeserialize(bytes: Buffer): Request;
  responseSerialize(value: Response): Buffer;
  responseDeserialize(bytes: Buffer): Response;
}

// `any` is the only type that every method's codecs are assignable to and from; the inferred types below stay exact.
// biome-ignore lint/suspicious/noExplicitAny: see above.
type AnyMethod = UnaryMethod<any, any>;

/** A service definition that ts-proto generated, for instance `ModeratorServiceService`. */
export type UnaryService = Readonly<Record<string, AnyMethod>>;

/** What a handler may know about the call it serves. */
export interface CallContext {
  /** Aborts when the client has gone, cancelled, or run out of time. */
  readonly signal: AbortSignal;
  /** The call as grpc-js gives it, for metadata and the peer's address. */
  readonly call: ServerUnaryCall<unknown, unknown>;
}

/** An object that serves every method of a service; a handler that throws answers with that error. */
export type Handlers<Service extends UnaryService> = {
  [Name in keyof Service]: Service[Name] extends UnaryMethod<infer Request, infer Response>
    ? (request: Request, context: CallContext) => Promise<Response> | Response
    : never;
};

/** How long a call may take, and what ends it early. */
export interface CallOptions {
  /** Milliseconds until the call fails with `deadline_exceeded`; the client's default otherwise. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A client with one async function per method; each throws DarkroomError. */
export type GrpcClient<Service extends UnaryService> = {
  [Name in keyof Service]: Service[Name] extends UnaryMethod<infer Request, infer Response>
    ? (request: Request, options?: CallOptions) => Promise<Response>
    : never;
};
