export * from './blob/blob-store.js';
export * from './blob/local-blob-store.js';
export * from './blob/metered-blob-store.js';
export * from './blob/open-blob-store.js';
export * from './config/config.js';
export * from './config/kept-key.js';
export * from './config/variables.js';
export * from './grpc/channel-options.js';
export * from './grpc/client.js';
export * from './grpc/health.js';
export * from './grpc/security.js';
export { GrpcServer, type GrpcServerOptions, type ServedService, serve } from './grpc/server.js';
export * from './grpc/types.js';
export * from './http/error-filter.js';
export { EventStream, type ServerSentEvent } from './http/event-stream.js';
export * from './lifecycle/lifecycle.js';
export { STOP_TIMEOUT_MS } from './lifecycle/own-process.js';
export * from './lifecycle/readiness.js';
export { type RunningService, type ServiceOptions, startService } from './start-service.js';
export * from './telemetry/log.js';
export * from './telemetry/metrics.js';
export {
  type Attributes,
  inActiveSpan,
  incomingContext,
  inSpan,
  type Span,
  SpanKind,
  traceparent,
} from './telemetry/spans.js';
