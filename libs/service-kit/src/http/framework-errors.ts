import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { DarkroomError, toHttp } from '@darkroom/contracts';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendError } from './error-filter.js';

/** Answers, in the shape of all errors, an address that no route can be looked up by. */
export function answerBadAddress(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const isBroken = error.code === 'FST_ERR_BAD_URL';
  sendError(
    reply,
    isBroken
      ? new DarkroomError({
          code: 'invalid_argument',
          message: 'the address has a percent sign that encodes nothing',
          param: 'path',
        })
      : new DarkroomError({ code: 'not_found', message: 'there is no such route' }),
  );
}

/** Answers, in the shape of all errors, what is no HTTP request: headers that are too large, broken or too slow. */
export function answerBadRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const status = statuses[error.code ?? ''] ?? 400;
  if (socket.writable) {
    const message = 'the request is not valid HTTP, or its headers are too large or too slow';
    const body = JSON.stringify(toHttp(new DarkroomError({ code: 'invalid_argument', message })).body);
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8`;
    socket.write(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
  }
  socket.destroy(error);
}

const statuses: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 };

/** Lets a JSON body be empty: some clients name the type of a body that they don't send, with DELETE for instance. */
export function allowEmptyJson(http: FastifyInstance): void {
  const parse = http.getDefaultJsonParser('error', 'error');
  http.removeContentTypeParser('application/json');
  http.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body as string, done);
  });
}
