import { computeSeconds } from '../fleet/scalers.js';
import { orderings } from '../orders.js';
import type { Outcome } from '../outcome.js';
import { linePlot } from '../plots.js';
import { Simulation } from '../simulation.js';
import { readStepTimes } from '../step-times.js';
import { diurnal, type MixEntry, synthetic, zipfTenants } from '../trace/synthetic.js';
import { outcomeCells, outcomeHead, rateOf, type Study } from './study.js';

const mix: readonly MixEntry[] = [{ width: 1024, height: 1024, steps: 28, imageCount: 1, share: 1 }];
const rates = [0, 0.1, 0.5, 1, 2, 4];

/** What it costs that devices are taken away and processes crash. */
export const losses: Study = {
  name: 'losses',
  summary: 'spot devices that are taken away and processes that crash, more and more often',
  run: async ({ quick, seed, say }) => {
    const times = await readStepTimes('sdxl-h100');
    const seconds = quick ? 1_200 : 5_400;
    const rate = rateOf(8, mix, times);
    const kinds = ['spot', 'crash'] as const;
    const outcomes: Record<string, Outcome> = {};
    for (const kind of kinds) {
      for (const perHour of rates) {
        say(`losses: ${kind}, ${perHour} an hour`);
        outcomes[`${kind}, ${perHour} an hour`] = new Simulation({
          requests: synthetic({
            seed,
            seconds,
            mix,
            rate: diurnal(rate, seconds),
            mostRate: 1.8 * rate,
            tenants: zipfTenants(20),
            deadlines: [30],
          }),
          times,
          ordering: orderings.fair,
          scaler: computeSeconds(
            { latencySeconds: 30, coldStartSeconds: 90, utilisation: 0.8, minReplicas: 1, maxReplicas: 32 },
            300,
            4,
          ),
          seed,
          replicas: 4,
          mostReplicas: 32,
          coldStartSeconds: 90,
          pollSeconds: 15,
          concurrency: 16,
          stepOverheadSeconds: 0.0003,
          spotLossesPerHour: kind === 'spot' ? perHour : 0,
          crashesPerHour: kind === 'crash' ? perHour : 0,
        }).run();
      }
    }
    const points = (kind: string) =>
      rates.map((perHour) => [perHour, 100 * (outcomes[`${kind}, ${perHour} an hour`]?.attainment ?? 0)] as const);
    return {
      simulated: true,
      title: 'What losses cost',
      setting:
        `${times.name}; a day in ${seconds / 60} minutes, work for 8 devices on average, replicas by compute-seconds with a target of 30 s, each request within 30 s. A spot device gives notice: ` +
        'its jobs go on elsewhere at once, from the step they were at. A crash is noticed after 7.5 s, and jobs go on from checkpoints of every fifth step. Either way another replica takes 90 s to be ready.',
      tables: [
        {
          caption: 'Losses for each hour of a device',
          head: ['kind and rate', 'losses', ...outcomeHead.slice(0, 5)],
          rows: Object.entries(outcomes).map(([name, outcome]) => [
            name,
            String(outcome.losses),
            ...outcomeCells(outcome).slice(0, 5),
          ]),
        },
      ],
      plots: {
        'simulated-losses.svg': linePlot(
          'deadlines met by losses',
          { label: 'losses for each hour of a device' },
          { label: 'in time, %', most: 100 },
          [
            { name: 'spot, with notice', points: points('spot'), isMarked: true },
            { name: 'crashes', points: points('crash'), isMarked: true },
          ],
        ),
      },
      outcomes,
    };
  },
};
