import { describe, expect, it } from 'vitest';
import { CheckpointInterval } from './checkpoint-interval.js';

describe('CheckpointInterval', () => {
  it('is what was configured while checkpoints are cheap, or nothing is known of them', () => {
    const interval = new CheckpointInterval(5);
    expect(interval.steps('256x256')).toBe(5);
    interval.enterStep('256x256', 30);
    interval.enterCheckpoint('256x256', 0.3);
    expect(interval.steps('256x256')).toBe(5);
  });

  it('grows until checkpoints take a hundredth of the time of steps, for each size by itself', () => {
    const interval = new CheckpointInterval(5);
    interval.enterStep('64x64', 2);
    interval.enterCheckpoint('64x64', 0.3);
    expect(interval.steps('64x64')).toBe(15);
    expect(interval.steps('256x256')).toBe(5);
  });

  it('follows a machine that becomes slower', () => {
    const interval = new CheckpointInterval(1);
    interval.enterStep('64x64', 1);
    interval.enterCheckpoint('64x64', 1);
    expect(interval.steps('64x64')).toBe(100);
    for (let i = 0; i < 400; i++) interval.enterStep('64x64', 8);
    expect(interval.steps('64x64')).toBe(13);
  });

  it('is none when checkpoints are switched off', () => {
    expect(new CheckpointInterval(0).steps('256x256')).toBeUndefined();
  });
});
