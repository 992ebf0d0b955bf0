import type { WorkerReport } from '@darkroom/contracts';
import { describe, expect, it } from 'vitest';
import { Forecast, type ForeseenWork } from './forecast.js';

// A step of one guided image takes 100 ms alone, and 80 ms of a device where passes are large: 10 steps are 1 s and 0.8 s.
const passTimes = [
  { pixels: 65_536, rows: 2, ms: 100 },
  { pixels: 65_536, rows: 8, ms: 320 },
];
const work: ForeseenWork = {
  id: 'gen_a',
  tenantId: 'a',
  width: 256,
  height: 256,
  steps: 10,
  guidanceScale: 4,
  imageCount: 1,
  solver: '',
  strength: 0,
};
/** What a worker has of each tenant, all of which is done when as much time has gone by. */
const loads = (seconds: Record<string, number>) =>
  Object.entries(seconds).map(([tenantId, remainingSeconds]) => ({
    tenantId,
    remainingSeconds,
    generationId: `gen_of_${tenantId}`,
    finishSeconds: Object.values(seconds).reduce((sum, each) => sum + each, 0),
    stepsMade: 0,
    steps: 0,
  }));
const worker = (overrides: Partial<WorkerReport> = {}): WorkerReport => ({
  workerId: 'w',
  concurrency: 4,
  running: 0,
  identity: undefined,
  fileCheck: undefined,
  drained: false,
  loads: [],
  passTimes,
  otherSeconds: 0.25,
  pace: 1,
  ...overrides,
});
const forecast = (...alive: WorkerReport[]) => new Forecast({ alive, passTimes });

describe('the forecast of a generation that waits', () => {
  it('is its own time where nothing else is', () => {
    expect(forecast(worker()).finishSeconds(work, 0)).toBeCloseTo(1.25, 9);
  });

  it('adds what is before it, over all devices', () => {
    const busy = worker({ running: 4, loads: loads({ a: 4, b: 2 }) });
    expect(forecast(busy).finishSeconds(work, 10)).toBeCloseTo(16 + 1.25, 9);
    expect(forecast(busy, busy).finishSeconds(work, 10)).toBeCloseTo(11 + 1.25, 9);
  });

  it('shares steps with other tenants where there is room: it waits for no more of each than it has itself', () => {
    expect(forecast(worker({ running: 2, loads: loads({ b: 100, c: 100 }) })).finishSeconds(work, 0)).toBeCloseTo(1.6 + 1.25, 9);
    expect(forecast(worker({ running: 2, loads: loads({ b: 0.5, c: 0.5 }) })).finishSeconds(work, 0)).toBeCloseTo(1 + 1.25, 9);
  });

  it("waits for what its own tenant has, and for as much of others'", () => {
    expect(forecast(worker({ running: 2, loads: loads({ a: 3, b: 100 }) })).finishSeconds(work, 0)).toBeCloseTo(
      3 + 3.8 + 1.25,
      9,
    );
  });

  it('is not made while no worker is there', () => {
    expect(forecast().finishSeconds(work, 0)).toBeUndefined();
    expect(forecast(worker({ drained: true })).finishSeconds(work, 0)).toBeUndefined();
    expect(forecast().runningSeconds(work, 1)).toBeUndefined();
    expect(forecast().mostAhead(work, 0.1)).toBe(Number.POSITIVE_INFINITY);
    // What it takes of a device is known all the same, from whoever was there last.
    expect(forecast().deviceSeconds(work)).toBeCloseTo(0.8, 9);
  });
});

describe('the forecast of a generation that runs', () => {
  it('is what its worker says, and the stages that come then', () => {
    const told = { tenantId: 'a', remainingSeconds: 0.4, generationId: 'gen_a', finishSeconds: 3, stepsMade: 0, steps: 0 };
    const busy = worker({ running: 2, loads: [...loads({ a: 9, b: 9 }), told] });
    expect(forecast(worker(), busy).runningSeconds(work, 0.5)).toBeCloseTo(3 + 0.25, 9);
  });

  it('is what is left of it, and of its company, until its worker has told', () => {
    expect(forecast(worker({ running: 1, loads: loads({ a: 0.4 }) })).runningSeconds(work, 0.5)).toBeCloseTo(0.5 + 0.25, 9);
    const busy = worker({ running: 9, loads: loads({ a: 2, b: 9, c: 1 }) });
    expect(forecast(busy).runningSeconds(work, 0.5)).toBeCloseTo(2 + 2 + 1 + 0.25, 9);
  });
});

describe('the forecast where steps take longer than was measured', () => {
  it('is longer by as much', () => {
    const slow = forecast(worker({ pace: 3 }));
    expect(slow.finishSeconds(work, 0)).toBeCloseTo(3 + 0.25, 9);
    expect(slow.runningSeconds(work, 0.5)).toBeCloseTo(1.5 + 0.25, 9);
    expect(slow.realSeconds(10)).toBeCloseTo(30, 9);
  });

  it('is longer by what the batches that there are take more than the best ones, too', () => {
    const running = loads({ a: 4, b: 2 }).map((load) => ({ ...load, finishSeconds: 9 }));
    const busy = forecast(worker({ running: 4, loads: running, pace: 1.2 }));
    expect(busy.finishSeconds(work, 10)).toBeCloseTo(1.5 * 16 + 1.2 + 0.25, 9);
    expect(busy.finishSeconds(work, busy.mostAhead(work, 40))).toBeCloseTo(40, 9);
  });
});

describe('the most that may be before a generation', () => {
  it('is what leaves it time enough', () => {
    const busy = forecast(worker({ running: 4, loads: loads({ a: 4, b: 2 }) }), worker({ running: 4, loads: loads({ c: 2 }) }));
    const most = busy.mostAhead(work, 20);
    expect(busy.finishSeconds(work, most)).toBeCloseTo(20, 9);
  });

  it('is nothing where it can only just begin at once, and less where it can not', () => {
    const shared = forecast(worker({ running: 1, loads: loads({ b: 50 }) }));
    expect(shared.mostAhead(work, 1.25 + 0.8)).toBe(0);
    expect(shared.mostAhead(work, 1.25 + 0.7)).toBeLessThan(0);
  });
});
