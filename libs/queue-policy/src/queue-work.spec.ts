import { GenerationJob, WorkerReport } from '@darkroom/contracts';
import { describe, expect, it } from 'vitest';
import { Forecast } from './forecast.js';
import { type OtherJobs, type Workload, workOf } from './queue-work.js';

// A row takes 40 ms of a device at best: ten guided steps are 0.8 s of it, and 1 s alone.
const passTimes = [
  { pixels: 65_536, rows: 2, ms: 100 },
  { pixels: 65_536, rows: 8, ms: 320 },
];
const job = (steps = 10) =>
  GenerationJob.fromPartial({ id: 'gen', width: 256, height: 256, steps, guidanceScale: 4, imageCount: 1 });
const report = (told: Parameters<typeof WorkerReport.fromPartial>[0]) =>
  WorkerReport.fromPartial({ workerId: 'w', concurrency: 16, passTimes, otherSeconds: 0.5, pace: 1, ...told });
const worker = (running: number, ...seconds: number[]) =>
  report({ running, loads: seconds.map((remainingSeconds, i) => ({ tenantId: `${i}`, remainingSeconds })) });
const idle: Workload = { waitingSeconds: 0, spanSeconds: 15, arrivals: [1, 2] };
const none: OtherJobs = { returned: [], returnedCount: 0, active: [], activeCount: 0, next: [] };
const work = (workload: Partial<Workload>, jobs: Partial<OtherJobs>, alive: WorkerReport[], times = passTimes) => {
  const workers = { alive, passTimes: times };
  return workOf({ ...idle, ...workload }, { ...none, ...jobs }, workers, new Forecast(workers));
};

describe('the work of a model', () => {
  it('is nothing while nothing is there', () => {
    expect(work({}, {}, [])).toEqual({
      queuedSeconds: 0,
      runningSeconds: 0,
      generationSeconds: 0,
      isMeasured: true,
      workers: 0,
      spanSeconds: 15,
      arrivals: [1, 2],
    });
  });

  it('is what waits at fair places, and what workers still have', () => {
    const found = work({ waitingSeconds: 12 }, { active: [job()], activeCount: 3 }, [worker(2, 1, 2), worker(1, 0.5)]);
    expect(found).toMatchObject({ queuedSeconds: 12, runningSeconds: 3.5, workers: 2 });
  });

  it('takes a sample for all of what was put back', () => {
    const found = work({ waitingSeconds: 1 }, { returned: [job(10), job(30)], returnedCount: 5 }, [worker(0)]);
    expect(found.queuedSeconds).toBeCloseTo(1 + 5 * ((0.8 + 2.4) / 2), 9);
  });

  it('has what dead workers had, which nobody reports', () => {
    const found = work({}, { active: [job()], activeCount: 5 }, [worker(3, 2)]);
    expect(found).toMatchObject({ queuedSeconds: expect.closeTo(2 * 0.8, 9), runningSeconds: 2 });
  });

  it('knows what a generation takes by itself', () => {
    expect(work({}, { next: [job()], active: [job(20)], activeCount: 1 }, [worker(1)]).generationSeconds).toBeCloseTo(
      (1 + 2) / 2 + 0.5,
      9,
    );
  });

  it('is more where steps take longer than was measured', () => {
    const slow = report({ running: 1, loads: [{ tenantId: 'a', remainingSeconds: 2 }], pace: 1.5 });
    const found = work({ waitingSeconds: 4 }, {}, [slow, worker(0)]);
    expect(found).toMatchObject({ queuedSeconds: 5, runningSeconds: 2.5, arrivals: [1.25, 2.5] });
  });

  it('says when nothing was ever measured', () => {
    expect(work({ waitingSeconds: 3 }, {}, [], []).isMeasured).toBe(false);
  });
});
