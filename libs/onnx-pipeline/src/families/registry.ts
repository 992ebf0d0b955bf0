import type { ModelFolder } from '../model-folder.js';
import { PipelineError } from '../pipeline-error.js';
import type { Family } from './family.js';
import { pocketFamily } from './pocket/pocket-family.js';

/** Every family the engine can run: a new one is a folder beside `pocket/` and a line here. */
const families: readonly Family[] = [pocketFamily];

/**
 * Finds the family of a model by the class name in its `model_index.json`.
 *
 * @throws PipelineError `model_damaged` when no family reads it, naming those that exist.
 */
export function familyOf(folder: ModelFolder): Family {
  const family = families.find(({ className }) => className === folder.className);
  if (family === undefined) {
    const known = families.map(({ className }) => className).join(', ');
    throw PipelineError.modelDamaged(`model ${folder.name} is a ${folder.className}, which no family reads; there are: ${known}`);
  }
  return family;
}
