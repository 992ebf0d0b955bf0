import { describe, expect, it } from 'vitest';
import { Config } from '../config.js';
import { Crowd } from './crowd.js';
import { retryDelayMs } from './retry-schedule.js';

const addresses = {
  CONTROL_PLANE_ADDRESS: '127.0.0.1:1',
  MODERATOR_ADDRESS: '127.0.0.1:2',
  PROMPT_ENCODER_ADDRESS: '127.0.0.1:3',
  VAE_DECODER_ADDRESS: '127.0.0.1:4',
};

describe('the schedule of retries', () => {
  it('is that of the specification unless it is set', () => {
    const { webhookRetrySeconds } = Config.read(addresses);
    expect(webhookRetrySeconds.map((_, index) => retryDelayMs(webhookRetrySeconds, index + 1, 0))).toEqual(
      [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600].map((seconds) => seconds * 1000),
    );
    expect(Config.read({ ...addresses, WEBHOOK_RETRY_SECONDS: '0,7' }).webhookRetrySeconds).toEqual([0, 7]);
  });

  it('comes up to a fifth later, and ends', () => {
    expect(retryDelayMs([10, 20], 1, 1)).toBe(12_000);
    expect(retryDelayMs([10, 20], 2, 0.5)).toBe(22_000);
    expect(retryDelayMs([10, 20], 3)).toBe(undefined);
  });

  it.each([
    ['WEBHOOK_RETRY_SECONDS', '5;10'],
    ['WEBHOOK_RETRY_SECONDS', '5,,10'],
    ['WEBHOOK_RETRY_SECONDS', '-1'],
    ['WEBHOOK_RETRY_SECONDS', '999999'],
    ['WEBHOOK_ALLOWED_NETWORKS', '10.0.0.1'],
    ['WEBHOOK_ALLOWED_NETWORKS', '10.0.0.0/33'],
    ['WEBHOOK_ALLOWED_NETWORKS', 'localhost'],
    ['WEBHOOK_ALLOW_HTTP', 'maybe'],
  ])('%s can not be %s', (name, value) => {
    expect(() => Config.read({ ...addresses, [name]: value })).toThrow(`${name} is wrong: expected`);
  });
});

describe('a crowd', () => {
  it('lets in as many as fit each of the rooms', () => {
    const crowd = new Crowd();
    const enter = (webhook: string) =>
      crowd.enter([
        ['tenant', 3],
        [webhook, 2],
      ]);
    const leave = [enter('a'), enter('a')];
    expect(enter('a')).toBe(undefined);
    leave.push(enter('b'));
    expect(enter('c')).toBe(undefined);
    leave[0]?.();
    expect(enter('a')).toBeTypeOf('function');
    expect(enter('b')).toBe(undefined);
  });
});
