import type { BenchContext, Benchmark } from './benchmark.js';
import type { Figure } from './figures.js';
import { ModeratorProcess } from './moderation/moderator-process.js';
import { measurePictures } from './moderation/picture-times.js';
import { measurePrompts } from './moderation/prompt-rates.js';

async function run(context: BenchContext): Promise<Figure[]> {
  const moderator = await ModeratorProcess.start(context.config);
  try {
    return [...(await measurePrompts(moderator, context)), ...(await measurePictures(moderator, context))];
  } finally {
    moderator.stop();
  }
}

/** What moderation catches, what it refuses that it shouldn't, and what a verdict costs. */
export const moderation: Benchmark = {
  name: 'moderation',
  summary:
    'disguised, near-miss and ordinary prompts through a moderator of its own: what is caught, what is refused, how long it takes',
  options: ['quick'],
  run,
};
