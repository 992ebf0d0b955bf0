import { fixed } from '../fleet/scalers.js';
import { orderings } from '../orders.js';
import type { Outcome } from '../outcome.js';
import { sharePlot } from '../plots.js';
import { Simulation } from '../simulation.js';
import { readStepTimes } from '../step-times.js';
import { burst, type MixEntry, synthetic, zipfTenants } from '../trace/synthetic.js';
import { merged, outcomeCells, outcomeHead, rateOf, type Study } from './study.js';

/** Pocket's sizes and steps, each as likely. */
const mix: readonly MixEntry[] = [64, 128, 256].flatMap((side) =>
  [4, 8, 20, 50].map((steps) => ({ width: side, height: side, steps, imageCount: 1, share: 1 })),
);

const replicas = 8;
const deadlines = [2, 5, 15];

/** Who comes first, on a fleet that does not change, while one tenant floods it. */
export const orders: Study = {
  name: 'orders',
  summary: 'first in first out, shortest first, earliest deadline first and fair share on a fixed fleet with a flood',
  run: async ({ quick, seed, say }) => {
    const times = await readStepTimes('pocket-two-cores');
    const seconds = quick ? 240 : 1_200;
    const rate = rateOf(replicas, mix, times);
    const [from, to] = [seconds / 4, seconds / 2];
    const requests = () => {
      const many = { mix, deadlines, seconds, mostRate: 0.5 * rate, rate: () => 0.5 * rate };
      const flood = burst(0.15 * rate, 8, from, to);
      const one = { mix, deadlines, seconds, mostRate: 1.2 * rate, rate: flood, tenants: [{ id: 'flood', share: 1 }] };
      return merged(synthetic({ ...many, seed, tenants: zipfTenants(20) }), synthetic({ ...one, seed: seed + 1 }));
    };
    const runs = [
      ...Object.values(orderings).map((ordering) => ({ name: ordering.name, ordering, admissionSeconds: undefined })),
      { name: `${orderings.fair.name}, with admission`, ordering: orderings.fair, admissionSeconds: 900 },
    ];
    const outcomes: Record<string, Outcome> = {};
    for (const { name, ...options } of runs) {
      say(`orders: ${name}`);
      outcomes[name] = new Simulation({
        ...options,
        requests: requests(),
        times,
        scaler: fixed(replicas),
        seed,
        replicas,
        mostReplicas: replicas,
        coldStartSeconds: 0,
        pollSeconds: 15,
        concurrency: 16,
        stepOverheadSeconds: 0.0003,
        spotLossesPerHour: 0,
        crashesPerHour: 0,
      }).run();
    }
    return {
      simulated: true,
      title: 'Who comes first',
      setting:
        `${replicas} devices of ${times.name}; twenty tenants that ask for half of what those can do, by Zipf's law, and one that asks for 0.15 of it and ` +
        `eight times as much from ${from} to ${to} s of ${seconds}. Images of 64 to 256 pixels and 4 to 50 steps; each has a deadline of ${deadlines.join(', ')} s.`,
      tables: [
        {
          caption: 'What became of the requests; fairness is over the minutes in which there was not enough for all',
          head: ['order', 'requests', 'in time', 'done late', 'given up', 'refused', ...outcomeHead.slice(1)],
          rows: Object.entries(outcomes).map(([name, outcome]) => {
            const [inTime = '', ...rest] = outcomeCells(outcome);
            const counts = [outcome.requests, outcome.late, outcome.expired, outcome.refused].map((count) =>
              count.toLocaleString('en'),
            );
            return [name, counts[0] as string, inTime, ...counts.slice(1), ...rest];
          }),
        },
      ],
      plots: {
        'simulated-orders.svg': sharePlot(
          'deadlines met and fairness by order',
          Object.entries(outcomes).map(([name, { attainment, fairness }]) => ({
            name,
            values: [
              ['in time', attainment],
              ['fairness', fairness],
            ],
          })),
        ),
      },
      outcomes,
    };
  },
};
