import { computeSeconds } from '../fleet/scalers.js';
import { orderings } from '../orders.js';
import type { Outcome, Sample } from '../outcome.js';
import { linePlot } from '../plots.js';
import { Simulation } from '../simulation.js';
import { readStepTimes } from '../step-times.js';
import { diurnal, type MixEntry, synthetic, zipfTenants } from '../trace/synthetic.js';
import { outcomeCells, outcomeHead, rateOf, type Study } from './study.js';

const mix: readonly MixEntry[] = [
  { width: 1024, height: 1024, steps: 20, imageCount: 1, share: 1 },
  { width: 1024, height: 1024, steps: 28, imageCount: 1, share: 1 },
];

/** A large fleet: a thousand devices, a million generations. */
export const size: Study = {
  name: 'size',
  summary: 'a thousand devices and a million generations',
  run: async ({ quick, seed, say }) => {
    const times = await readStepTimes('sdxl-h100');
    const [devices, generations] = quick ? [100, 20_000] : [1_000, 1_000_000];
    // 1.8 times the mean at the top of the day, which all devices together can just do.
    const rate = rateOf(devices / 2, mix, times);
    const seconds = generations / rate;
    const samples: Sample[] = [];
    say(
      `size: ${devices} devices, ${generations.toLocaleString('en')} generations, a day in ${(seconds / 60).toFixed(0)} minutes`,
    );
    const outcome: Outcome = new Simulation({
      requests: synthetic({
        seed,
        seconds,
        mix,
        rate: diurnal(rate, seconds),
        mostRate: 1.8 * rate,
        tenants: zipfTenants(50),
        deadlines: [15],
      }),
      times,
      ordering: orderings.fair,
      scaler: computeSeconds(
        { latencySeconds: 15, coldStartSeconds: 60, utilisation: 0.9, minReplicas: 1, maxReplicas: devices },
        120,
        devices / 5,
      ),
      seed,
      replicas: devices / 5,
      mostReplicas: devices,
      coldStartSeconds: 60,
      pollSeconds: 15,
      concurrency: 16,
      stepOverheadSeconds: 0.0003,
      spotLossesPerHour: 0.05,
      crashesPerHour: 0.01,
      onSample: (sample) => samples.push(sample),
    }).run();
    return {
      simulated: true,
      title: 'A large fleet',
      setting:
        `${times.name}; up to ${devices.toLocaleString('en')} devices, a day in ${(seconds / 60).toFixed(0)} minutes, 50 tenants, each request within 15 s, replicas by compute-seconds with a cold start of 60 s, ` +
        '0.05 spot losses and 0.01 crashes for each hour of a device.',
      tables: [
        {
          caption: 'All of it',
          head: ['generations', 'most devices', 'passes', 'losses', ...outcomeHead.slice(0, 5)],
          rows: [
            [
              ...[outcome.requests, outcome.mostReplicas, outcome.passes, outcome.losses].map((count) =>
                count.toLocaleString('en'),
              ),
              ...outcomeCells(outcome).slice(0, 5),
            ],
          ],
        },
      ],
      plots: {
        'simulated-size.svg': linePlot('devices by time, a large fleet', { label: 'minutes' }, { label: 'devices', least: 0 }, [
          { name: 'asked for', points: samples.map(({ atSeconds, replicas }) => [atSeconds / 60, replicas] as const) },
          { name: 'ready', points: samples.map(({ atSeconds, ready }) => [atSeconds / 60, ready] as const) },
          {
            name: 'work that arrives a second',
            points: samples.map(({ atSeconds, arriving }) => [atSeconds / 60, arriving] as const),
          },
        ]),
      },
      outcomes: { 'a large fleet': outcome },
    };
  },
};
