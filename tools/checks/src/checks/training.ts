import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Check, Outcome } from '../run/check.js';
import { runCommand } from '../run/command.js';

/** Debian's Python, which the training's packages belong to; another `python3` on the path rarely has them. */
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** Runs the tests of tools/train where its Debian packages are installed; they are no part of what runs the platform. */
export function trainingCheck(root: string): Check {
  const cwd = path.join(root, 'tools/train');
  return {
    name: 'training (Python)',
    run: async () => {
      const probe = await runCommand(python, ['-c', 'import torch, numpy, PIL, onnx, regex'], { cwd, timeoutMs: 60_000 });
      if (probe.code !== 0)
        return { passed: 0, failed: 0, detail: '', note: 'left out: PyTorch and its companions are not installed' };
      const { code, output } = await runCommand(python, ['-m', 'unittest', 'discover', '-s', 'tests', '-t', '.'], {
        cwd,
        timeoutMs: 240_000,
      });
      return countUnittest(code, output);
    },
  };
}

/** Sums up what Python's unittest printed. */
export function countUnittest(code: number, output: string): Outcome {
  const ran = Number(/^Ran (\d+) tests?/m.exec(output)?.[1] ?? 0);
  const sum = (kind: string) => Number(new RegExp(`\\b${kind}=(\\d+)`).exec(output)?.[1] ?? 0);
  const counted = sum('failures') + sum('errors') + sum('unexpected successes');
  const failed = code !== 0 && counted === 0 ? 1 : counted;
  const skipped = sum('skipped');
  return {
    passed: Math.max(0, ran - counted - skipped),
    failed,
    detail: output,
    note: skipped > 0 ? `${skipped} skipped` : undefined,
  };
}
