/** Whole runs of the simulator, with values that can be worked out by hand. */
import { describe, expect, it } from 'vitest';
import { computeSeconds, fixed, queueLength } from './fleet/scalers.js';
import { orderings } from './orders.js';
import type { Sample } from './outcome.js';
import type { SimulatedRequest } from './request.js';
import { Simulation, type SimulationOptions } from './simulation.js';
import { burst, synthetic, zipfTenants } from './trace/synthetic.js';

/** A pass of two rows takes 100 ms, and larger ones gain nothing: ten guided steps are a second. */
const times = { name: 'a table', source: 'this spec', passTimes: [{ pixels: 65_536, rows: 2, ms: 100 }], otherSeconds: 0.5 };
const request = (atSeconds: number, overrides: Partial<SimulatedRequest> = {}): SimulatedRequest => ({
  id: `gen-${atSeconds}-${overrides.tenantId ?? 'a'}`,
  atSeconds,
  tenantId: 'a',
  weight: 1,
  priority: 0,
  width: 256,
  height: 256,
  steps: 10,
  guidanceScale: 4,
  imageCount: 1,
  solver: '',
  strength: 0,
  deadlineSeconds: Number.POSITIVE_INFINITY,
  ...overrides,
});
const run = (options: Partial<SimulationOptions> & Pick<SimulationOptions, 'requests'>) =>
  new Simulation({
    times,
    ordering: orderings.fair,
    scaler: fixed(options.replicas ?? 1),
    seed: 1,
    replicas: 1,
    mostReplicas: 16,
    coldStartSeconds: 30,
    pollSeconds: 15,
    concurrency: 16,
    stepOverheadSeconds: 0,
    spotLossesPerHour: 0,
    crashesPerHour: 0,
    ...options,
  }).run();

const waves = (seed: number) =>
  synthetic({
    seed,
    seconds: 1_200,
    rate: burst(0.5, 8, 300, 600),
    mostRate: 4,
    mix: [{ width: 256, height: 256, steps: 10, imageCount: 1, share: 1 }],
    tenants: zipfTenants(5),
    deadlines: [20],
  });

describe('a run', () => {
  it('takes what its passes and the other stages take', () => {
    const outcome = run({ requests: [request(0), request(10)] });
    expect(outcome).toMatchObject({ simulated: true, requests: 2, attained: 2, passes: 20, refused: 0, expired: 0 });
    expect(outcome.meanSeconds).toBeCloseTo(1.5, 9);
    expect(outcome.makespanSeconds).toBeCloseTo(11.5, 9);
    expect(outcome.deviceHours).toBeCloseTo(11.5 / 3_600, 9);
    expect(outcome.utilisation).toBeCloseTo(2 / 11.5, 9);
  });

  it('makes all images of a generation before it is done', () => {
    expect(run({ requests: [request(0, { imageCount: 3 })] }).meanSeconds).toBeCloseTo(3.5, 9);
  });

  it('shares devices in turns', () => {
    const both = [request(0, { tenantId: 'a' }), request(0, { tenantId: 'b' })];
    expect(run({ requests: both, replicas: 2 }).meanSeconds).toBeCloseTo(1.5, 9);
    expect(run({ requests: both }).makespanSeconds).toBeCloseTo(2.5, 9);
  });

  it('gives up at deadlines, where the order knows of them', () => {
    const requests = [request(0, { deadlineSeconds: 0.35 })];
    expect(run({ requests })).toMatchObject({ expired: 1, attained: 0, passes: 4 });
    expect(run({ requests, ordering: orderings.fifo })).toMatchObject({ expired: 0, late: 1, passes: 10 });
  });

  it('refuses what would be late, with admission', () => {
    const requests = Array.from({ length: 40 }, (_, i) => request(i / 100, { id: `gen-${i}`, deadlineSeconds: 6 }));
    const [all, some] = [run({ requests }), run({ requests, admissionSeconds: 900 })];
    expect(all.refused).toBe(0);
    expect(some.refused).toBeGreaterThan(15);
    expect(some.expired).toBeLessThan(all.expired);
    expect(run({ requests: [request(0, { deadlineSeconds: 1 })], admissionSeconds: 900 })).toMatchObject({
      refused: 1,
      passes: 0,
    });
  });

  it('comes out the same with the same seed, and otherwise with another', () => {
    const once = (seed: number) => run({ requests: waves(seed), seed, crashesPerHour: 4, replicas: 3 });
    expect(once(1)).toEqual(once(1));
    expect(once(2)).not.toEqual(once(1));
  });

  it('loses nothing when devices are taken away and processes crash', () => {
    for (const losses of [{ spotLossesPerHour: 60 }, { crashesPerHour: 60 }]) {
      const outcome = run({ requests: waves(3), replicas: 6, ordering: orderings.fifo, ...losses });
      expect(outcome.losses).toBeGreaterThan(20);
      expect(outcome.attained + outcome.late).toBe(outcome.requests);
      expect(outcome.requests).toBe([...waves(3)].length);
    }
  });
});

describe('who comes first', () => {
  // Both at once, while the device is busy; a slot for one generation at a time.
  const long = request(0.1, { id: 'long', steps: 40, deadlineSeconds: 60 });
  const short = request(0.2, { id: 'short', steps: 2, deadlineSeconds: 40 });
  const requests = [request(0, { id: 'first', deadlineSeconds: 60 }), long, short];
  const mean = (ordering: SimulationOptions['ordering']) => run({ requests, ordering, concurrency: 1 }).meanSeconds;

  it.each(['fifo', 'shortest', 'deadline'] as const)('is told by %s', (name) => {
    // The device is free at 1.5: then long and short (5.5 + 0.7 s), or short and long.
    const fifo = (1.5 + (1.5 + 4.5 - 0.1) + (1.5 + 4.5 + 0.7 - 0.2)) / 3;
    const shortFirst = (1.5 + (1.5 + 0.7 - 0.2) + (1.5 + 0.7 + 4.5 - 0.1)) / 3;
    expect(mean(orderings[name])).toBeCloseTo(name === 'fifo' ? fifo : shortFirst, 6);
  });
});

describe('a fleet that is scaled', () => {
  const settings = { latencySeconds: 10, coldStartSeconds: 30, utilisation: 0.8, minReplicas: 1, maxReplicas: 16 };

  it.each([
    ['compute-seconds', computeSeconds(settings, 60, 1)],
    ['queue length', queueLength(4, settings, 60, 1)],
  ])('by %s grows with a burst and shrinks after it', (_, scaler) => {
    const samples: Sample[] = [];
    const outcome = run({ requests: waves(1), scaler, onSample: (sample) => samples.push(sample) });
    const at = (seconds: number) => samples.findLast(({ atSeconds }) => atSeconds <= seconds) as Sample;
    expect(at(290).replicas).toBeLessThanOrEqual(3);
    expect(at(500).replicas).toBeGreaterThanOrEqual(5);
    expect(at(1_190).replicas).toBeLessThanOrEqual(3);
    expect(outcome.mostReplicas).toBeLessThanOrEqual(16);
    // What is asked for is paid for, and ready a cold start later.
    const grown = samples.find(({ replicas }) => replicas > 1) as Sample;
    expect(grown.ready).toBe(1);
  });
});
