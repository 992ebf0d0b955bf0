import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');

/** A measured value as `npm run bench -- NAME --json` prints it. */
interface Figure {
  readonly name: string;
  readonly value: number;
  readonly holds: boolean | null;
}

/** Runs a benchmark to its end, and returns its figures and what else it said. */
async function bench(...args: string[]): Promise<{ figures: Figure[]; said: string }> {
  const child = spawn(process.execPath, [path.join(root, 'tools/bench/dist/main.js'), ...args, '--json'], { cwd: root });
  let [out, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const status = await new Promise((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Error(`the benchmark ended with status ${status}:\n${said}`);
  return { ...(JSON.parse(out) as { figures: Figure[] }), said };
}

it('a gateway that is killed at any moment loses nothing that a client was told, doubles nothing, and charges each once', {
  timeout: 600_000,
}, async () => {
  const { figures, said } = await bench('gateway-kills', '--requests', '30', '--kills', '5', '--seed', '7');
  const value = (name: string) => figures.find((figure) => figure.name === name)?.value;
  expect(value('killed: gateway')).toBe(5);
  expect(value('ended: succeeded')).toBeGreaterThan(10);
  expect(value('attempts made again under their key')).toBeGreaterThan(0);
  const wrong = figures.filter(({ holds }) => holds === false).map((figure) => `${figure.name}: ${figure.value}`);
  expect(wrong, said).toEqual([]);
});
