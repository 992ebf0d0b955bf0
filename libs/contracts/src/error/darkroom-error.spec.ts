import { describe, expect, it } from 'vitest';
import { DarkroomError, isErrorCode } from './darkroom-error.js';

describe('DarkroomError.from', () => {
  it('keeps an error that is one already', () => {
    const error = new DarkroomError({ code: 'conflict', message: 'twice' });
    expect(DarkroomError.from(error)).toBe(error);
  });

  it('turns aborts into cancelled and timeouts into deadline_exceeded', () => {
    const controller = new AbortController();
    controller.abort();
    expect(DarkroomError.from(controller.signal.reason).code).toBe('cancelled');
    expect(DarkroomError.from(new DOMException('', 'TimeoutError')).code).toBe('deadline_exceeded');
  });

  it('turns lost connections into unavailable, with a time to retry', () => {
    const error = DarkroomError.from(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    expect(error).toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 });
  });

  it('keeps what a foreign error says to itself', () => {
    const thrown = new Error('bad prompt: a secret garden');
    const error = DarkroomError.from(thrown);
    expect(error.code).toBe('internal');
    expect(error.message).not.toContain('secret');
    expect(error.cause).toBe(thrown);
  });

  it.each([undefined, null, 'text', 7, {}])('makes %j internal', (thrown) => {
    expect(DarkroomError.from(thrown).code).toBe('internal');
  });
});

describe('isErrorCode', () => {
  it('knows the fixed codes alone', () => {
    expect(isErrorCode('model_damaged')).toBe(true);
    expect(isErrorCode('toString')).toBe(false);
  });
});
