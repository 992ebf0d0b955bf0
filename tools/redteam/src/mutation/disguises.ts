import { disguises } from '@darkroom/testing/red-team';
import { type MutationOperator, onPrompt } from './operator.js';

const latin = /^[\p{Script=Latin}\p{P}\p{N}\s]+$/u;

/** Every disguise of the suite that the moderator is measured with, as an operator. */
export const disguiseOperators: readonly MutationOperator[] = disguises.map(({ name, anyScript, apply }) =>
  onPrompt(slug(name), 'A2', name, (prompt, random) => (anyScript || latin.test(prompt) ? apply(prompt, random) : prompt)),
);

/** Makes a name of words one that ids can have: "base64, backwards" becomes "base64_backwards". */
function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
}
