/** The policy, case by case, with values worked out by hand. */
import { describe, expect, it } from 'vitest';
import { decide, type FleetState, type ScalingSettings } from './decide.js';
import { FleetMemory } from './fleet-memory.js';

// Of 10 s, 2 are the generation's own: 8 are left for waiting.
const settings: ScalingSettings = {
  latencySeconds: 10,
  coldStartSeconds: 60,
  utilisation: 0.8,
  minReplicas: 0,
  maxReplicas: 20,
};
const idle: FleetState = {
  queuedSeconds: 0,
  runningSeconds: 0,
  arrivals: { now: 0, ahead: 0 },
  generationSeconds: 2,
  isMeasured: true,
  warmReplicas: 0,
  ready: 0,
  starting: 0,
  room: { kind: 'unbounded' },
};
const free = (replicas: number) => ({ kind: 'known' as const, replicas, why: `${replicas} of 8 nvidia.com/gpu are free` });
const rate = (now: number, ahead = now) => ({ now, ahead });
const decideOnce = (state: Partial<FleetState>, changed: Partial<ScalingSettings> = {}) => {
  const whole = { ...idle, ...state };
  return decide(whole, { ...settings, ...changed }, new FleetMemory(0, whole.ready + whole.starting, 0), 0);
};

describe('what the work asks for', () => {
  const cases: [string, Partial<FleetState>, Partial<ScalingSettings>, number][] = [
    ['nothing, of nothing', {}, {}, 0],
    ['one, of anything that waits', { queuedSeconds: 0.01 }, {}, 1],
    ['one, while anything runs', { runningSeconds: 0.01, ready: 3 }, {}, 1],
    ['what does a backlog in time when nobody helps meanwhile: 100 / 8', { queuedSeconds: 100 }, {}, 13],
    ['less where the fleet works on it meanwhile: (100 - 60) / 8', { queuedSeconds: 100, ready: 1 }, {}, 5],
    ['less where replicas are starting: (100 - 30) / 8', { queuedSeconds: 100, starting: 1 }, {}, 9],
    ['more where work comes meanwhile: (100 + 60 x 2 - 60) / 8', { queuedSeconds: 100, ready: 1, arrivals: rate(2) }, {}, 20],
    ['no more where the fleet will have done it', { queuedSeconds: 100, ready: 2 }, {}, 2],
    ['room for what is uneven in arrivals: 3 / 0.8', { arrivals: rate(3), ready: 4 }, {}, 4],
    ['what arrives when a new replica is ready: 5 / 0.8', { arrivals: rate(3, 5), ready: 6 }, {}, 7],
    ['no less than for what arrives now', { arrivals: rate(5, 3), ready: 9 }, {}, 7],
    ['enough for what is there, when it shrinks: 33 / 8', { queuedSeconds: 30, runningSeconds: 3, ready: 9 }, {}, 5],
    ['more where the generation takes most of the target: 100 / 1', { queuedSeconds: 20, generationSeconds: 9 }, {}, 20],
    ['no more than a tenth of the target allows', { queuedSeconds: 10, generationSeconds: 60 }, {}, 10],
    ['its least', { queuedSeconds: 1 }, { minReplicas: 3 }, 3],
    ['its most', { queuedSeconds: 1_000 }, {}, 20],
    ['what is to be warm, of nothing', { warmReplicas: 2 }, {}, 2],
    ['what is to be warm, before anything was measured', { warmReplicas: 2, isMeasured: false }, {}, 2],
    ['no more where the work asks for more than is to be warm', { queuedSeconds: 100, warmReplicas: 2 }, {}, 13],
    ['its most, however many are to be warm', { warmReplicas: 30 }, {}, 20],
    ['one to measure with, whatever waits', { queuedSeconds: 1_000, isMeasured: false }, {}, 1],
    ['none to measure with while nothing waits', { isMeasured: false, arrivals: rate(3) }, {}, 0],
  ];
  it.each(cases)('is %s', (_, state, changed, replicas) => {
    const decision = decideOnce(state, changed);
    expect(decision.replicas).toBe(replicas);
    expect(decision).toMatchObject({ asked: replicas, withheld: 0, isHeld: false });
  });

  it('is said in words', () => {
    expect(decideOnce({ queuedSeconds: 1_000, arrivals: rate(0.5) }).reason).toBe(
      '1000.0 s of work and 0.50 s more a second, where 8.0 s are left for waiting of 10 s, which would be 129; at most 20',
    );
    expect(decideOnce({}, { minReplicas: 2 }).reason).toBe('nothing to do; at least 2');
    expect(decideOnce({ queuedSeconds: 9, isMeasured: false }).reason).toBe(
      'what the work costs has to be measured by one replica first',
    );
  });
});

describe('where the cluster has no room', () => {
  it('asks for no more than can be scheduled, and says why', () => {
    const decision = decideOnce({ queuedSeconds: 100, ready: 1, room: free(2) });
    expect(decision).toMatchObject({ replicas: 3, asked: 5, withheld: 2, isHeld: false });
    expect(decision.reason).toMatch(/^3 of 5 \(100\.0 s of work .*\): there is no room for 2, 2 of 8 nvidia\.com\/gpu are free$/);
  });

  it('keeps what there is', () => {
    expect(decideOnce({ queuedSeconds: 100, ready: 4, starting: 1, room: free(0) }).replicas).toBe(5);
  });

  it('says nothing where there is enough', () => {
    expect(decideOnce({ queuedSeconds: 100, room: free(13) })).toMatchObject({ replicas: 13, withheld: 0 });
    expect(decideOnce({ queuedSeconds: 100, room: free(13) }).reason).not.toContain('room');
  });

  it.each([
    ['would grow', 100],
    ['would shrink', 0],
  ])('stays as it is where nobody knows, and it %s', (_, queuedSeconds) => {
    const room = { kind: 'unknown' as const, why: 'the Kubernetes API is not reachable' };
    const decision = decideOnce({ queuedSeconds, ready: 3, room });
    expect(decision).toMatchObject({ replicas: 3, isHeld: true, withheld: 0 });
    expect(decision.reason).toMatch(/^kept at 3, where \d+ are asked for: the Kubernetes API is not reachable$/);
  });
});

describe('shrinking', () => {
  const run = (memory: FleetMemory, atSeconds: number, state: Partial<FleetState>) =>
    decide({ ...idle, ...state }, settings, memory, atSeconds);

  it('waits until nothing within the window asked for more', () => {
    const memory = new FleetMemory(300, 0, 0);
    expect(run(memory, 0, { queuedSeconds: 80 }).replicas).toBe(10);
    expect(run(memory, 100, { arrivals: rate(4), ready: 10 }).replicas).toBe(10);
    const decision = run(memory, 299, { ready: 10 });
    expect(decision.replicas).toBe(10);
    expect(decision.reason).toBe('kept at 10, where 0 are asked for (nothing to do): more were a short while ago');
    // Five were asked for at 100 s.
    expect(run(memory, 300, { ready: 10 }).replicas).toBe(5);
    expect(run(memory, 401, { ready: 5 }).replicas).toBe(0);
  });

  it('waits as long after a start, when nothing is known of before', () => {
    const memory = new FleetMemory(300, 6, 1_000);
    expect(run(memory, 1_000, { ready: 6 }).replicas).toBe(6);
    expect(run(memory, 1_299, { ready: 6 }).replicas).toBe(6);
    expect(run(memory, 1_300, { ready: 6 }).replicas).toBe(0);
  });

  it('is not what a replica that has crashed does', () => {
    const memory = new FleetMemory(300, 0, 0);
    expect(run(memory, 0, { queuedSeconds: 80 }).replicas).toBe(10);
    expect(run(memory, 60, { ready: 9 }).replicas).toBe(10);
  });

  it('does not bring back what was asked for and never came', () => {
    const memory = new FleetMemory(300, 0, 0);
    expect(run(memory, 0, { queuedSeconds: 80, room: free(4) }).replicas).toBe(4);
    expect(run(memory, 60, { ready: 4, queuedSeconds: 1, room: free(8) }).replicas).toBe(4);
  });

  it('is undone at once by new work', () => {
    const memory = new FleetMemory(0, 0, 0);
    expect(run(memory, 0, { queuedSeconds: 80 }).replicas).toBe(10);
    expect(run(memory, 1, { ready: 10 }).replicas).toBe(0);
    expect(run(memory, 2, { queuedSeconds: 80 }).replicas).toBe(10);
  });

  it('goes on from what was kept while something was unknown', () => {
    const memory = new FleetMemory(0, 5, 0);
    const room = { kind: 'unknown' as const, why: 'the Kubernetes API is not reachable' };
    expect(run(memory, 0, { ready: 2, room }).replicas).toBe(5);
    expect(run(memory, 1, { ready: 5, room: free(3) }).replicas).toBe(0);
  });
});
