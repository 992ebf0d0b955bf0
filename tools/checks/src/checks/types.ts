import { type Check, verdict } from '../run/check.js';
import { runCommand } from '../run/command.js';

/** Builds every package, which checks the types of all but the specs; cached where nothing changed. */
export function buildCheck(root: string): Check {
  return {
    name: 'build and types',
    run: async () => {
      const args = ['run-many', '-t', 'build', '--outputStyle=static'];
      const { code, output } = await runCommand('nx', args, {
        cwd: root,
        env: { NX_DAEMON: 'false', NX_TUI: 'false' },
        timeoutMs: 240_000,
      });
      return verdict(code === 0, output);
    },
  };
}

/** Checks the types of the specs, which no build contains. */
export function specTypesCheck(root: string): Check {
  return {
    name: 'types of the specs',
    run: async () => {
      const { code, output } = await runCommand('tsc', ['-p', 'tsconfig.specs.json'], { cwd: root, timeoutMs: 180_000 });
      return verdict(code === 0, output);
    },
  };
}
