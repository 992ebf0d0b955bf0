import { DarkroomError } from '@darkroom/contracts';
import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

export { type Attributes, type Span, SpanKind } from '@opentelemetry/api';

/** What a span is, besides its name. */
export interface SpanOptions {
  /** Which end of a call, or of a queue, it is; work inside the service unless given. */
  readonly kind?: SpanKind | undefined;
  /** Ids, sizes and durations; never a prompt, a key or an image. */
  readonly attributes?: Attributes | undefined;
  /** What it is part of, as {@link incomingContext} gives it; the span that is active unless given. */
  readonly parent?: Context | undefined;
}

/**
 * Does work inside a span, which is active meanwhile: spans that the work opens, and calls it makes, become parts of it.
 *
 * Of an error the span gets the code alone, since messages may quote what must not leave the process. While traces are off, nothing is
 * recorded.
 */
export async function inSpan<Result>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<Result> | Result,
): Promise<Result> {
  const { span, active } = openSpan(name, options);
  try {
    return await context.with(active, () => work(span));
  } catch (error) {
    failSpan(span, DarkroomError.from(error).code);
    throw error;
  } finally {
    span.end();
  }
}

/** Opens a span that does not end with one function, and returns it with the context in which it is active. */
export function openSpan(name: string, { kind = SpanKind.INTERNAL, attributes = {}, parent = context.active() }: SpanOptions) {
  // Asked for each time: specs start and stop tracing more than once in a process.
  const span = trace.getTracer('darkroom').startSpan(name, { kind, attributes }, parent);
  return { span, active: trace.setSpan(parent, span) };
}

/** Marks a span as failed, with one word for why. */
export function failSpan(span: Span, reason: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', reason);
}

/** Makes a listener that runs in the span that is active now, whoever calls it later. */
export function inActiveSpan<Listener extends (...args: never[]) => unknown>(listener: Listener): Listener {
  return context.bind(context.active(), listener);
}

/** Returns what must travel with a call so that its other end continues the trace: W3C Trace Context headers; none while traces are off. */
export function outgoingContext(): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

/** Returns the `traceparent` of the active span, for a job; empty while traces are off. */
export function traceparent(): string {
  return outgoingContext()['traceparent'] ?? '';
}

/** Reads what travelled with a call: headers, a gRPC call's metadata, or a job's `traceparent`. Without any, a new trace begins. */
export function incomingContext(headers: Readonly<Record<string, unknown>>): Context {
  return propagation.extract(ROOT_CONTEXT, headers);
}
