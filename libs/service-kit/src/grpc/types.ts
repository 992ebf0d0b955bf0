import type { ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';

/** A method with one request as ts-proto describes it: its path and the codecs of both messages. */
interface Method<Request, Response> {
  readonly path: string;
  readonly requestStream: false;
  requestSerialize(value: Request): Buffer;
  requestDeserialize(bytes: Buffer): Request;
  responseSerialize(value: Response): Buffer;
  responseDeserialize(bytes: Buffer): Response;
}

/** A method with one answer. */
export interface UnaryMethod<Request, Response> extends Method<Request, Response> {
  readonly responseStream: false;
}

/** A method that goes on answering until either side ends it. */
export interface StreamingMethod<Request, Response> extends Method<Request, Response> {
  readonly responseStream: true;
}

// `any` is the only type that every method's codecs are assignable to and from; the inferred types below stay exact.
// biome-ignore lint/suspicious/noExplicitAny: see above.
type AnyUnary = UnaryMethod<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: see above.
type AnyStreaming = StreamingMethod<any, any>;

/** A service definition that ts-proto generated whose methods all have one answer, for instance `ModeratorServiceService`. */
export type UnaryService = Readonly<Record<string, AnyUnary>>;

/** A service definition that ts-proto generated, for instance `ExternalScalerService`. */
export type AnyService = Readonly<Record<string, AnyUnary | AnyStreaming>>;

/** What a handler may know about the call it serves. */
export interface CallContext {
  /** Aborts when the client has gone, cancelled, or run out of time; for a stream of answers, also when the server stops. */
  readonly signal: AbortSignal;
  /** The call as grpc-js gives it, for metadata and the peer's address. */
  readonly call: ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;
}

/** An object that serves every method of a service; a handler that throws answers with that error. */
export type Handlers<Service extends AnyService> = {
  [Name in keyof Service]: Service[Name] extends UnaryMethod<infer Request, infer Response>
    ? UnaryHandler<Request, Response>
    : Service[Name] extends StreamingMethod<infer Request, infer Response>
      ? StreamingHandler<Request, Response>
      : never;
};

/** Gives the one answer to a call. */
export type UnaryHandler<Request, Response> = (request: Request, context: CallContext) => Promise<Response> | Response;

/** Gives the answers to a call, one after another. */
export type StreamingHandler<Request, Response> = (request: Request, context: CallContext) => AsyncIterable<Response>;

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
