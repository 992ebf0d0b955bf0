import { DarkroomError, GenerationResult } from '@darkroom/contracts';
import { describe, expect, it } from 'vitest';
import { RecentEnds } from './recent-ends.js';

const ended = (id: string, endedAtMs: number, denoiseMs: number, images = 1) => ({
  id,
  endedAtMs,
  result: GenerationResult.fromPartial({
    id,
    images: Array.from({ length: images }, (_, index) => ({ index })),
    receipt: { timings: [{ stage: 'denoise', totalMs: denoiseMs, kernelMs: 1 }] },
  }),
  error: undefined,
});
const failed = (id: string, endedAtMs: number) => ({
  id,
  endedAtMs,
  result: undefined,
  error: new DarkroomError({ code: 'worker_lost', message: 'lost' }),
});

describe('the ends of generations', () => {
  it('come to images a minute, counts by code, and percentiles by stage', () => {
    const ends = new RecentEnds();
    ends.enter([failed('f', 50_000), ...Array.from({ length: 20 }, (_, i) => ended(`s${i}`, 1_000 * i + 40_000, i + 1, 2))], 0);
    const summary = ends.summary(60_000, 60_000);
    expect(summary).toEqual({
      imagesPerMinute: 40,
      succeeded: 20,
      errors: [{ code: 'worker_lost', count: 1 }],
      stages: [{ stage: 'denoise', p50_ms: 10, p95_ms: 19 }],
    });
    expect(ends.knownUntilMs).toBe(59_000);
  });

  it('count once, in their window, until they are forgotten', () => {
    const ends = new RecentEnds();
    ends.enter([ended('a', 1_000, 5), ended('b', 9_000, 5)], 0);
    ends.enter([ended('b', 9_000, 5)], 0);
    expect(ends.summary(10_000, 5_000).succeeded).toBe(1);
    expect(ends.summary(10_000, 60_000).succeeded).toBe(2);
    ends.enter([], 5_000);
    expect(ends.summary(10_000, 60_000).succeeded).toBe(1);
    expect(new RecentEnds().summary(10_000, 60_000)).toMatchObject({ imagesPerMinute: 0, succeeded: 0, errors: [], stages: [] });
  });
});
