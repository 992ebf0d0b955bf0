import { seededRandom } from '../seeded-random.js';
import { alphabets } from './alphabets.js';
import type { Disguise } from './disguise.js';
import { encodings } from './encodings.js';
import { layouts } from './layouts.js';
import { lookalikes } from './lookalikes.js';
import type { Seed } from './seeds.js';
import { spellings } from './spellings.js';

/** Every disguise. */
export const disguises: readonly Disguise[] = [...lookalikes, ...alphabets, ...layouts, ...spellings, ...encodings];

/** A prompt in a disguise. */
export interface DisguisedPrompt {
  readonly seed: Seed;
  readonly disguise: Disguise;
  readonly prompt: string;
}

/** Puts each prompt into each disguise that suits its script; the same number gives the same prompts. */
export function disguisedPrompts(prompts: readonly Seed[], number = 1): DisguisedPrompt[] {
  const random = seededRandom(number);
  return prompts.flatMap((seed) =>
    disguises
      .filter(({ anyScript }) => anyScript || /^[\p{Script=Latin}\p{P}\p{N}\s]+$/u.test(seed.text))
      .map((disguise) => ({ seed, disguise, prompt: disguise.apply(seed.text, random) })),
  );
}
