import { indent, table } from '@darkroom/local';
import type { BenchContext, Benchmark } from './benchmark.js';
import { type TimedGeneration, timedGeneration } from './client.js';
import { below, type Figure, median, plain } from './figures.js';
import { prompts } from './prompts.js';

const WARM_UP = 2;
const RUNS = 10;
const PROMPTS = prompts.slice(0, 5);

/** A request for one picture that leaves steps and guidance to the model. */
function request(model: string, index: number): object {
  return { model, prompt: PROMPTS[index % PROMPTS.length], seed: index, size: '256x256', response_format: 'b64_json' };
}

async function run(context: BenchContext): Promise<Figure[]> {
  return context.withPlatform(async (platform) => {
    const base: TimedGeneration[] = [];
    const turbo: TimedGeneration[] = [];
    for (let index = 0; index < WARM_UP + RUNS; index++) {
      // The models take turns, so that whatever else the machine does falls on both.
      const one = await timedGeneration(platform, request('pocket', index), context.signal);
      const other = await timedGeneration(platform, request('pocket-turbo', index), context.signal);
      if (index >= WARM_UP) {
        base.push(one);
        turbo.push(other);
      }
      context.say(`pocket ${one.wallMs.toFixed(0)} ms, pocket-turbo ${other.wallMs.toFixed(0)} ms`);
    }
    const time = (runs: readonly TimedGeneration[]) => median(runs.map(({ wallMs }) => wallMs));
    const rows = [base, turbo].map((runs) => {
      const { model = '', steps = 0, guidance_scale = 0 } = runs[0]?.receipt ?? {};
      return [model, String(steps), String(guidance_scale), time(runs).toFixed(0)];
    });
    context.say(`\n${indent(table([['model', 'steps', 'guidance', 'ms'], ...rows], [1, 2, 3]))}\n`);
    return [
      below('pocket, 256x256, whole request, median', time(base), 'ms', 3000),
      below('pocket-turbo, 256x256, whole request, median', time(turbo), 'ms', 500),
      plain('pocket / pocket-turbo, median of ratios', median(base.map((run, i) => run.wallMs / (turbo[i]?.wallMs ?? 0))), '×'),
    ];
  });
}

/** How long one picture of each shipped model takes. */
export const models: Benchmark = {
  name: 'models',
  summary: 'one request at a time, 256x256, each shipped model with its own steps and guidance',
  run,
};
