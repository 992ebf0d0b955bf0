import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { indent, table } from '@darkroom/local';
import type { BenchContext, Benchmark } from './benchmark.js';
import { deadlines } from './engine/deadlines.js';
import { fairness } from './engine/fairness.js';
import { interruption } from './engine/interruption.js';
import { latency } from './engine/latency.js';
import { recovery } from './engine/recovery.js';
import type { EngineRun, Part } from './engine/run.js';
import { saturation } from './engine/saturation.js';
import { openMaterial, Testbed } from './engine/testbed.js';
import { mixSides, mixSteps } from './engine/workload.js';
import type { Figure } from './figures.js';

/** Named as `--only` names them; the first, saturation, always runs, since the others' loads are shares of what it finds. */
const parts: Readonly<Record<string, Part>> = { latency, fairness, deadlines, recovery, interruption };

async function run(context: BenchContext): Promise<Figure[]> {
  const { config, signal, say, quick, plots, only } = context;
  const wanted = only === undefined ? Object.keys(parts) : only.split(',').filter((name) => name !== 'saturation');
  const unknown = wanted.find((name) => parts[name] === undefined);
  if (unknown !== undefined) throw new Error(`there is no part "${unknown}": saturation, ${Object.keys(parts).join(', ')}`);

  const plan = quick ? { repeats: 1, scale: 0.4 } : { repeats: 5, scale: 1 };
  const threads = availableParallelism();
  say(
    `${['saturation', ...wanted].join(', ')}: ${plan.repeats === 1 ? 'once, shortened' : `medians of ${plan.repeats} repeats`}, ${threads} threads`,
  );
  say(`mix: guided images of ${mixSteps.join(', ')} steps and ${mixSides.map((side) => `${side}x${side}`).join(', ')} pixels\n`);
  const material = await openMaterial(config.root, threads);
  const bed = await Testbed.open(material);
  try {
    const engineRun: EngineRun = {
      material,
      bed,
      plan,
      signal,
      say,
      show: (title, rows) => say(`\n${title}\n${indent(table(rows, [1, 2, 3, 4, 5, 6, 7, 8]))}\n`),
      plot: (name, svg) => {
        if (plots === undefined) return;
        mkdirSync(plots, { recursive: true });
        writeFileSync(path.join(plots, name), svg);
      },
    };
    const { figures, measured } = await saturation(engineRun);
    for (const name of wanted) figures.push(...(await (parts[name] as Part)(engineRun, measured)));
    return figures;
  } finally {
    await bed.close();
  }
}

/** What the step engine gains and promises, on the real kernels. */
export const engine: Benchmark = {
  name: 'engine',
  summary: 'step-level batching against request-level and none, fairness, deadlines, recovery, on the pocket model; 20 minutes',
  options: ['quick', 'plots', 'only'],
  run,
};
