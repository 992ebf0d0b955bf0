import { DarkroomError } from '@darkroom/contracts';
import { describe, expect, it } from 'vitest';
import { mayPass, patiently } from './patience.js';

const away = new DarkroomError({ code: 'unavailable', message: 'the decoder is not reachable' });
const refused = new DarkroomError({ code: 'content_policy_violation', message: 'refused' });

/** Work that fails a number of times before it succeeds. */
function failing(times: number, error: Error): () => Promise<number> {
  let calls = 0;
  return async () => {
    if (calls++ < times) throw error;
    return calls;
  };
}

const forever = () => new AbortController().signal;

describe('patiently', () => {
  it('tries again while the failure may pass, telling of each', async () => {
    const waits: string[] = [];
    const patience = { signal: forever(), patienceMs: 5_000, onWait: ({ code }: DarkroomError) => waits.push(code) };
    expect(await patiently(failing(2, away), patience)).toBe(3);
    expect(waits).toEqual(['unavailable', 'unavailable']);
  });

  it('does not try again when it would not help', async () => {
    const patience = { signal: forever(), patienceMs: 5_000, onWait: () => expect.fail('waited') };
    await expect(patiently(failing(1, refused), patience)).rejects.toBe(refused);
    await expect(patiently(failing(1, new TypeError('a bug')), patience)).rejects.toMatchObject({ code: 'internal' });
  });

  it('ends when patience does', async () => {
    const patience = { signal: forever(), patienceMs: 400, onWait: () => {} };
    await expect(patiently(failing(100, away), patience)).rejects.toBe(away);
  });

  it('ends with the signal, in the middle of a wait', async () => {
    const controller = new AbortController();
    const patience = { signal: controller.signal, patienceMs: 60_000, onWait: () => setTimeout(() => controller.abort(), 10) };
    await expect(patiently(failing(100, away), patience)).rejects.toMatchObject({ code: 'cancelled' });
  });
});

it('mayPass tells absences from answers', () => {
  const codes = ['unavailable', 'model_damaged', 'deadline_exceeded', 'invalid_argument', 'internal'] as const;
  expect(codes.map((code) => mayPass(new DarkroomError({ code, message: '' })))).toEqual([true, true, true, false, false]);
});
