import { DarkroomError, toHttp } from '@darkroom/contracts';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Log } from '../telemetry/log.js';
import { discardBody } from './discard-body.js';

/** Answers everything that is thrown on an HTTP route in OpenAI's error shape. */
@Catch()
export class HttpErrorFilter implements ExceptionFilter {
  private readonly log: Log;
  private readonly bodyLimitBytes: number;

  constructor(log: Log, bodyLimitBytes: number) {
    this.log = log;
    this.bodyLimitBytes = bodyLimitBytes;
  }

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = fromFramework(thrown, this.bodyLimitBytes);
    if (error.code === 'internal') this.log.error('an HTTP request failed', { error: thrown });
    // Fastify closes the connection under a body that is too large. A client still writing it would see that, and not the answer.
    if (error.code === 'payload_too_large') await discardBody(reply.request.raw);
    sendError(reply, error);
  }
}

/** Sends one error as the answer of an HTTP request, unless the answer has begun already. */
export function sendError(reply: FastifyReply, error: DarkroomError): void {
  if (reply.sent) return;
  const { status, headers, body } = toHttp(error);
  void reply.status(status).headers(headers).send(body);
}

/** Gives what Fastify and Nest throw themselves, always with an HTTP status, one of our codes and a helpful sentence. */
function fromFramework(thrown: unknown, bodyLimitBytes: number): DarkroomError {
  if (!(thrown instanceof HttpException)) return DarkroomError.from(thrown);
  const cause = thrown;
  switch (thrown.getStatus()) {
    case 400:
      return new DarkroomError({
        code: 'invalid_argument',
        message: 'the request body must be valid JSON',
        param: 'body',
        cause,
      });
    case 415:
      return new DarkroomError({
        code: 'invalid_argument',
        message: 'the request body must be JSON, with the header Content-Type: application/json',
        param: 'body',
        cause,
      });
    case 413:
      return new DarkroomError({
        code: 'payload_too_large',
        message: `the request body is too large; the limit is ${bodyLimitBytes} bytes`,
        param: 'body',
        cause,
      });
    case 404:
      return new DarkroomError({ code: 'not_found', message: 'there is no such route', cause });
    case 503:
      return new DarkroomError({ code: 'unavailable', message: 'the service is shutting down', retryAfterSeconds: 2, cause });
    default:
      return DarkroomError.from(thrown);
  }
}
