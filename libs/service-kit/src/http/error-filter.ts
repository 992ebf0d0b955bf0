import { DarkroomError, toHttp } from '@darkroom/contracts';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Log } from '../telemetry/log.js';

/** Answers everything that is thrown on an HTTP route in OpenAI's error shape. */
@Catch()
export class HttpErrorFilter implements ExceptionFilter {
  private readonly log: Log;

  constructor(log: Log) {
    this.log = log;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = fromFramework(thrown);
    if (error.code === 'internal') this.log.error('an HTTP request failed', { error: thrown });
    sendError(reply, error);
  }
}

/** Sends one error as the answer of an HTTP request, unless the answer has begun already. */
export function sendError(reply: FastifyReply, error: DarkroomError): void {
  if (reply.sent) return;
  const { status, headers, body } = toHttp(error);
  void reply.status(status).headers(headers).send(body);
}

/** Gives what Fastify and Nest throw themselves one of our codes. */
function fromFramework(thrown: unknown): DarkroomError {
  if (thrown instanceof DarkroomError) return thrown;
  const code = codeOf(thrown);
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new DarkroomError({ code: 'payload_too_large', message: 'the request body is too large; the limit is 1 MiB', param: 'body' });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new DarkroomError({
        code: 'invalid_argument',
        message: 'the request body must be JSON, with the header Content-Type: application/json',
        param: 'body',
      });
    default:
  }
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusOf(thrown);
  if (thrown instanceof SyntaxError || code?.startsWith('FST_ERR_CTP_') || status === 400) {
    return new DarkroomError({ code: 'invalid_argument', message: 'the request body is not valid JSON', param: 'body', cause: thrown });
  }
  if (status === 404) return new DarkroomError({ code: 'not_found', message: 'there is no such route' });
  if (status === 413) return new DarkroomError({ code: 'payload_too_large', message: 'the request body is too large', param: 'body' });
  if (status === 503) return new DarkroomError({ code: 'unavailable', message: 'the service is shutting down', retryAfterSeconds: 2 });
  return DarkroomError.from(thrown);
}

function codeOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

function statusOf(thrown: unknown): number | undefined {
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}
