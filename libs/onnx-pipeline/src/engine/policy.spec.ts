/** The policy under a virtual clock: a simulated device makes passes, and nothing here waits. */
import { describe, expect, it } from 'vitest';
import { type PassCosts, type PlannedGeneration, type PolicyOptions, StepPolicy } from './policy.js';
import { random } from './random.fixture.js';

/** A device whose passes take 10 ms and 5 ms more for each row, at most eight rows together. */
const costs: PassCosts = { passMs: (_, rows) => 10 + 5 * rows, bestRows: () => 8 };
/** The same, but nothing gains from company. */
const alone: PassCosts = { ...costs, bestRows: () => 1 };
/** The same, but company costs next to nothing. */
const sociable: PassCosts = { passMs: (_, rows) => 40 + 2 * rows, bestRows: () => 8 };

const generation = (id: string, overrides: Partial<PlannedGeneration> = {}): PlannedGeneration => ({
  id,
  tenant: 'a',
  priority: 0,
  arrivalMs: 0,
  bucket: 'small',
  rows: 1,
  passes: 10,
  ...overrides,
});

interface Run {
  /** When each generation made its last pass. */
  readonly finished: ReadonlyMap<string, number>;
  /** The batch of each pass. */
  readonly passes: readonly (readonly string[])[];
  /** When each generation left without having finished, at its deadline. */
  readonly expired: ReadonlySet<string>;
  /** Compute by tenant when the run was cut off. */
  readonly used: ReadonlyMap<string, number>;
}

/** Runs arrivals through the policy until all have ended, or until a given time. */
function simulate(
  arrivals: readonly PlannedGeneration[],
  device: PassCosts,
  options: PolicyOptions = {},
  untilMs = Number.POSITIVE_INFINITY,
): Run {
  const policy = new StepPolicy(device, options);
  const coming = [...arrivals].sort((a, b) => a.arrivalMs - b.arrivalMs);
  const here = new Map<string, PlannedGeneration & { left: number }>();
  const [finished, used, expired] = [new Map<string, number>(), new Map<string, number>(), new Set<string>()];
  const passes: string[][] = [];
  let now = 0;
  while ((coming.length > 0 || here.size > 0) && now < untilMs) {
    while (coming[0] && coming[0].arrivalMs <= now) {
      const arrived = coming.shift() as PlannedGeneration;
      here.set(arrived.id, { ...arrived, left: arrived.passes });
      policy.join(arrived);
    }
    for (const { id, deadlineMs = Number.POSITIVE_INFINITY } of here.values()) {
      if (deadlineMs < now) {
        expired.add(id);
        here.delete(id);
        policy.leave(id);
      }
    }
    const ids = policy.next(now);
    if (ids.length === 0) {
      now = coming[0]?.arrivalMs ?? now;
      continue;
    }
    passes.push(ids);
    const members = ids.map((id) => here.get(id) as PlannedGeneration & { left: number });
    if (members.some(({ bucket }) => bucket !== members[0]?.bucket)) throw new Error('a pass of two buckets');
    const passMs = device.passMs(
      members[0]?.bucket as string,
      members.reduce((sum, { rows }) => sum + rows, 0),
    );
    now += passMs;
    policy.charge(ids, passMs).forEach((share, i) => {
      const { tenant } = members[i] as PlannedGeneration;
      used.set(tenant, (used.get(tenant) ?? 0) + share);
    });
    for (const member of members) {
      member.left -= 1;
      if (member.left === 0) {
        finished.set(member.id, now);
        here.delete(member.id);
        policy.leave(member.id);
      }
    }
  }
  return { finished, passes, expired, used };
}

const order = ({ finished }: Run) => [...finished].sort(([, a], [, b]) => a - b).map(([id]) => id);

describe('the order', () => {
  it('is first come first served where nothing else is said, without switching back and forth', () => {
    const run = simulate(
      [generation('1'), generation('2', { arrivalMs: 1 }), generation('3', { tenant: 'b', arrivalMs: 2 })],
      alone,
    );
    expect(order(run)).toEqual(['1', '2', '3']);
    expect(run.finished.get('1')).toBe(10 * 15);
  });

  it('puts the earliest deadline first, and what has none last', () => {
    const arrivals = [generation('none'), generation('late', { deadlineMs: 9000 }), generation('soon', { deadlineMs: 2000 })];
    expect(order(simulate(arrivals, alone))).toEqual(['soon', 'late', 'none']);
  });

  it('puts a higher priority before any deadline', () => {
    const arrivals = [generation('due', { deadlineMs: 3000 }), generation('urgent', { priority: 1 })];
    expect(order(simulate(arrivals, alone))).toEqual(['urgent', 'due']);
  });

  it('pauses a long generation at the next boundary for an urgent one, and then goes on with it', () => {
    const { passes } = simulate(
      [generation('long', { passes: 5 }), generation('urgent', { priority: 1, arrivalMs: 20, passes: 2 })],
      alone,
    );
    expect(passes.flat()).toEqual(['long', 'long', 'urgent', 'urgent', 'long', 'long', 'long']);
  });

  it('lets what can not be in time any more make way for what can', () => {
    const arrivals = [generation('hopeless', { deadlineMs: 100 }), generation('possible', { deadlineMs: 160 })];
    const run = simulate(arrivals, alone);
    expect(order(run)).toEqual(['possible']);
    expect(run.expired).toEqual(new Set(['hopeless']));
  });

  it('starts no more than maxActive, and what has started goes on', () => {
    const arrivals = ['1', '2', '3'].map((id) => generation(id, { deadlineMs: 10_000 - Number(id) }));
    const { passes } = simulate(arrivals, costs, { maxActive: 2 });
    expect(passes[0]).toEqual(['3', '2']);
    expect(passes[10]).toEqual(['1']);
  });
});

describe('company', () => {
  it('joins from the same bucket, up to the best number of rows', () => {
    const arrivals = [
      generation('1', { rows: 2 }),
      generation('2', { bucket: 'large' }),
      ...['3', '4', '5', '6'].map((id) => generation(id, { rows: 2 })),
    ];
    expect(simulate(arrivals, costs).passes[0]).toEqual(['1', '3', '4', '5']);
    expect(simulate(arrivals, costs, { maxTogether: 1 }).passes[0]).toEqual(['1']);
  });

  it('stays away where it would cost another its deadline', () => {
    const arrivals = [generation('due', { deadlineMs: 160 }), generation('other')];
    const { passes, expired } = simulate(arrivals, costs);
    expect(passes[0]).toEqual(['due']);
    expect(expired.size).toBe(0);
  });
});

describe('fairness', () => {
  /** A tenant that floods with everything urgent, and nine that ask for one generation after another. */
  const flood = Array.from({ length: 200 }, (_, i) =>
    generation(`flood ${i}`, { tenant: 'flood', priority: 3, deadlineMs: 30_000 }),
  );

  it.each([
    ['no company', alone],
    ['company that costs', costs],
    ['company that costs next to nothing', sociable],
  ])('gives a flooding tenant no more than its share, whatever it calls urgent, with %s', (_, device) => {
    const quiet = Array.from({ length: 9 * 100 }, (_, i) => generation(`quiet ${i}`, { tenant: `quiet ${i % 9}` }));
    const { used } = simulate([...flood, ...quiet], device, {}, 20_000);
    const shares = [...used.values()];
    const jain = shares.reduce((a, b) => a + b, 0) ** 2 / (shares.length * shares.reduce((a, b) => a + b * b, 0));
    expect(shares.length).toBe(10);
    expect(jain).toBeGreaterThan(0.95);
  });

  it('serves a tenant that comes back at the next boundary, and its credit is bounded', () => {
    const quiet = generation('quiet', { tenant: 'quiet', arrivalMs: 3005 });
    const { finished } = simulate([...flood, quiet], alone);
    expect(finished.get('quiet')).toBe(3015 + 150);

    const many = Array.from({ length: 100 }, (_, i) => generation(`back ${i}`, { tenant: 'back', arrivalMs: 15_000 }));
    const { passes } = simulate([...flood, ...many], alone);
    const from = passes.findIndex(([id]) => id === 'back 0');
    const until = passes.findIndex(([id], i) => i > from && id?.startsWith('flood'));
    expect((until - from) * 15).toBeLessThanOrEqual(2000 + 15);
  });

  it('lets a tenant that is ahead fill rows that would be empty, as long as the pass gets hardly longer', () => {
    const quiet = generation('quiet', { tenant: 'quiet', arrivalMs: 3005 });
    const withQuiet = (device: PassCosts, options?: PolicyOptions) =>
      simulate([...flood, quiet], device, options).passes.find((ids) => ids.includes('quiet'));
    // Alone 15 ms, with one more row 20 ms: a third longer.
    expect(withQuiet(costs)).toEqual(['quiet']);
    // Alone 42 ms, at most 52.5: six rows.
    expect(withQuiet(sociable)).toHaveLength(6);
    expect(withQuiet(sociable, { rideStretch: 1 })).toEqual(['quiet']);
  });
});

describe('under random mixes', () => {
  const options = { fairnessSlackMs: 500, patienceMs: 5000, priorityMs: 10_000 };

  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'nothing starves, tenants stay together, deadlines end (seed %d)',
    (seed) => {
      const { integer, pick } = random(seed);
      const device = pick([costs, alone]);
      const arrivals = Array.from({ length: 120 }, (_, i) => {
        const arrivalMs = integer(0, 8000);
        return generation(`${i}`, {
          tenant: `t${integer(0, 4)}`,
          priority: integer(0, 2),
          arrivalMs,
          bucket: pick(['small', 'large']),
          rows: integer(1, 2),
          passes: integer(1, 40),
          deadlineMs: pick([undefined, undefined, arrivalMs + integer(50, 20_000)]),
        });
      });
      const { finished, expired, passes } = simulate(arrivals, device, options);
      for (const { id, deadlineMs } of arrivals) {
        expect(finished.has(id) || (deadlineMs !== undefined && expired.has(id))).toBe(true);
      }
      // The device never idles while there is work, so all ends within the work there is.
      const workMs = arrivals.reduce((sum, { passes, rows }) => sum + passes * device.passMs('', rows), 0);
      expect(Math.max(...finished.values())).toBeLessThanOrEqual(8000 + workMs);
      expect(passes.flat().length).toBeLessThanOrEqual(arrivals.reduce((sum, { passes }) => sum + passes, 0));
    },
  );

  it.each([0, 1, 2, 3, 4])('no two tenants that always have work are further apart than the bound (seed %d)', (seed) => {
    const { integer } = random(seed);
    const arrivals = Array.from({ length: 4 * 60 }, (_, i) =>
      generation(`${i}`, { tenant: `t${i % 4}`, priority: integer(0, 2), rows: integer(1, 2), passes: integer(10, 40) }),
    );
    for (const untilMs of [1000, 3000, 9000, 20_000]) {
      const used = [...simulate(arrivals, alone, options, untilMs).used.values()];
      // One slack, and the pass that oversteps it on either side.
      expect(Math.max(...used) - (used.length < 4 ? 0 : Math.min(...used))).toBeLessThanOrEqual(500 + 2 * 20);
    }
  });

  it('a low priority waits no longer than its bound under an endless stream of urgent work of its own tenant', () => {
    const stream = Array.from({ length: 1000 }, (_, i) => generation(`urgent ${i}`, { priority: 1, arrivalMs: 150 * i }));
    const low = generation('low', { arrivalMs: 1 });
    const { finished } = simulate([...stream, low], alone, options);
    expect(finished.get('low')).toBeLessThanOrEqual(10_000 + 2 * 150 + 150);
  });
});
