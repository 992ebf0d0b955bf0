import { checkBoundaries } from '../boundaries/boundaries.js';
import { type Check, verdict } from '../run/check.js';

/** Checks that no import crosses a layer's boundary or goes round in a circle. */
export function boundariesCheck(root: string): Check {
  return {
    name: 'module boundaries and import cycles',
    run: async () => {
      const { files, violations } = await checkBoundaries(root);
      return verdict(violations.length === 0, violations.join('\n'), `${files} files`);
    },
  };
}
