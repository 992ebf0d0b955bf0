import { type Check, verdict } from '../run/check.js';
import { runCommand } from '../run/command.js';

/** Checks format, order of imports and lint rules with Biome; `npm run format` mends the first two. */
export function styleCheck(root: string): Check {
  return {
    name: 'format and lint',
    run: async () => {
      const { code, output } = await runCommand('biome', ['ci', '--colors=off', '--max-diagnostics=50', '.'], {
        cwd: root,
        timeoutMs: 120_000,
      });
      return verdict(code === 0, output);
    },
  };
}
