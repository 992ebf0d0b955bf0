import { Metadata, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { DarkroomError, errorCodes } from './darkroom-error.js';
import { errorMetadataKey, fromGrpc, toGrpc } from './grpc.js';
import { toHttp } from './http.js';
import { fromQueue, toQueue } from './queue.js';

const full = errorCodes.map(
  (code) =>
    new DarkroomError({
      code,
      message: `über ${code}`,
      param: 'size',
      category: 'violence',
      decisionId: 'dec_1',
      retryAfterSeconds: 1.5,
    }),
);
const bare = errorCodes.map((code) => new DarkroomError({ code, message: code }));
const all = [...full, ...bare].map((error) => [error.code, error] as const);

describe('gRPC', () => {
  it.each(all)('carries %s there and back whole', (_code, error) => {
    const answer = toGrpc(error);
    const { cause, ...returned } = { ...fromGrpc({ ...answer }), cause: undefined };
    expect(cause).toBeUndefined();
    expect(returned).toEqual({ ...error });
    expect(fromGrpc(answer).message).toBe(error.message);
  });

  it('says what gRPC itself says when there is no detail', () => {
    const error = fromGrpc({ code: status.UNAVAILABLE, details: 'No connection established' });
    expect(error).toMatchObject({ code: 'unavailable', message: 'No connection established' });
  });

  it('takes a method that the other side does not have for one that it does not have yet', () => {
    const details = 'The server does not implement the method Encode';
    expect(fromGrpc({ code: status.UNIMPLEMENTED, details }).code).toBe('unavailable');
  });

  it('hides what an unmapped status says', () => {
    expect(fromGrpc({ code: status.UNKNOWN, details: 'stack trace' })).toMatchObject({
      code: 'internal',
      message: 'an internal error occurred',
    });
  });

  it('falls back to the status when the detail is damaged', () => {
    const metadata = new Metadata();
    metadata.set(errorMetadataKey, Buffer.from([0x0a, 0x7f]));
    expect(fromGrpc({ code: status.NOT_FOUND, details: 'gone', metadata }).code).toBe('not_found');
  });
});

describe('the queue', () => {
  it.each(all)('carries %s there and back whole', (_code, error) => {
    const returned = fromQueue(toQueue(error));
    expect({ ...returned }).toEqual({ ...error });
    expect(returned.message).toBe(error.message);
  });

  it.each([undefined, '', 'job stalled more than allowable limit', '{}', '"text"', 'null'])('reads %j as internal', (reason) => {
    expect(fromQueue(reason).code).toBe('internal');
  });

  it('reads a code of a newer version as internal, keeping its message', () => {
    const reason = JSON.stringify({ code: 'quota_exhausted', message: 'no credit is left' });
    expect(fromQueue(reason)).toMatchObject({ code: 'internal', message: 'no credit is left' });
  });
});

describe('HTTP', () => {
  it('answers in the shape of OpenAI', () => {
    const error = new DarkroomError({ code: 'invalid_argument', message: 'no', param: 'n' });
    expect(toHttp(error)).toEqual({
      status: 400,
      headers: {},
      body: { error: { message: 'no', type: 'invalid_request_error', param: 'n', code: 'invalid_argument' } },
    });
  });

  it('names the category of refused content', () => {
    const error = new DarkroomError({ code: 'content_policy_violation', message: 'no', category: 'violence' });
    expect(toHttp(error)).toMatchObject({
      status: 400,
      body: { error: { code: 'content_policy_violation', category: 'violence' } },
    });
  });

  it('leaves out a category that the taxonomy doesn’t have', () => {
    const error = new DarkroomError({ code: 'content_policy_violation', message: 'no', category: 'rudeness' });
    expect(toHttp(error).body.error).not.toHaveProperty('category');
  });

  it('rounds Retry-After up to whole seconds, at least one', () => {
    const after = (retryAfterSeconds: number) =>
      toHttp(new DarkroomError({ code: 'unavailable', message: 'no', retryAfterSeconds }));
    expect(after(0.2)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(after(2.1).headers).toEqual({ 'retry-after': '3' });
  });

  it('has an error status for each code', () => {
    for (const error of full) expect(toHttp(error).status).toBeGreaterThanOrEqual(400);
  });
});
