import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';

// A real process: Node runs own-process.ts as it is, with a service around it that says what happens to it.
const script = (start: string) => `
  import { ownProcess } from ${JSON.stringify(new URL('./own-process.ts', import.meta.url).href)};
  const log = Object.fromEntries(['info', 'error'].map((level) => [level, (message, fields) => console.log(level, message, fields?.reason ?? '')]));
  await ownProcess({
    help: 'the help page\\n',
    readConfig: () => process.env.BROKEN === undefined ? {} : (() => { throw new RangeError('HTTP_PORT is wrong'); })(),
    isConfigError: (error) => error instanceof RangeError,
    start: async () => { ${start} },
  });
  console.log('started');
  setInterval(() => {}, 1_000);
`;
const working = 'return { log, stop: async () => console.log("stopping now") };';

interface Run {
  readonly child: ChildProcess;
  output(): string;
  status(): Promise<number | null>;
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function run(start: string, options: { args?: string[]; env?: Record<string, string> } = {}): Run {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script(start), '--', 'main.js', ...(options.args ?? [])], {
    env: { ...options.env, NODE_NO_WARNINGS: '1' },
  });
  children.push(child);
  const exited = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => {
      output += text.toString();
    });
  }
  return { child, output: () => output, status: async () => ((await exited) as [number | null])[0] };
}

describe('ownProcess', () => {
  it('prints the help and starts nothing', async () => {
    const { status, output } = run(working, { args: ['--help'] });
    expect(await status()).toBe(0);
    expect(output()).toBe('the help page\n');
  });

  it('refuses arguments it does not know', async () => {
    const { status, output } = run(working, { args: ['--port=80'] });
    expect(await status()).toBe(78);
    expect(output()).toContain('--port=80');
  });

  it('ends with status 78 and the reason when the environment is wrong', async () => {
    const { status, output } = run(working, { env: { BROKEN: '1' } });
    expect(await status()).toBe(78);
    expect(output()).toBe('HTTP_PORT is wrong\n');
  });

  it('ends with status 1 and the reason when it can not start', async () => {
    const { status, output } = run('throw new Error("the port is taken");');
    expect(await status()).toBe(1);
    expect(output()).toContain('the port is taken');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('stops the service on %s, once, and ends with status 0', async (signal) => {
    const { child, status, output } = run(working);
    await expect.poll(output).toContain('started');
    child.kill(signal);
    child.kill(signal);
    expect(await status()).toBe(0);
    expect(output().match(/stopping now/g)).toHaveLength(1);
  });

  it('ends with status 1 and its last words when something is thrown where nobody catches', async () => {
    const { status, output } = run('setTimeout(() => Promise.reject(new Error("x")), 50); return { log, stop: async () => {} };');
    expect(await status()).toBe(1);
    expect(output()).toContain('error crashed');
  });
});
