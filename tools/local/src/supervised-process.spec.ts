import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePorts } from './ports.js';
import { privateRedis, redisProblem } from './redis.js';
import { type Death, type ProcessSpec, SupervisedProcess } from './supervised-process.js';

let folder: string;
let running: SupervisedProcess[];
let deaths: Death[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'darkroom-spec-'));
  running = [];
  deaths = [];
});

afterEach(async () => {
  await Promise.all(running.map((one) => one.stop(1000)));
  rmSync(folder, { recursive: true, force: true });
});

function supervise(spec: ProcessSpec): SupervisedProcess {
  const child = new SupervisedProcess(
    spec,
    () => undefined,
    (death) => deaths.push(death),
  );
  running.push(child);
  child.start();
  return child;
}

function script(source: string): ProcessSpec {
  const logFile = path.join(folder, 'logs/script.log');
  return {
    name: 'script',
    command: process.execPath,
    args: ['-e', source],
    cwd: folder,
    env: process.env,
    logFile,
    lifeline: 'ipc',
  };
}

describe('SupervisedProcess', () => {
  it('starts again what died, ever later, and passes its last words on', async () => {
    const child = supervise(
      script('console.error(JSON.stringify({ level: "fatal", message: "no disk" })); process.exitCode = 3'),
    );
    await vi.waitUntil(() => deaths.length === 2, { timeout: 20_000 });
    expect(deaths[0]).toEqual({ name: 'script', how: 'exit code 3', lastWords: ['fatal no disk'], restartInMs: 250 });
    expect(deaths[1]?.restartInMs).toBe(500);
    expect(child.restarts).toBe(1);
    expect(readFileSync(path.join(folder, 'logs/script.log'), 'utf8')).toContain('no disk');
  });

  it('gives up on a wrong configuration, which a restart can not mend', async () => {
    supervise(script('process.exit(78)'));
    await vi.waitUntil(() => deaths.length === 1, { timeout: 20_000 });
    expect(deaths[0]?.restartInMs).toBeUndefined();
  });

  it('reports a command that does not exist', async () => {
    supervise({ ...script(''), command: path.join(folder, 'nothing') });
    await vi.waitUntil(() => deaths.length > 0, { timeout: 20_000 });
    expect(deaths[0]?.lastWords.join()).toContain('ENOENT');
  });

  it('kills what ignores a request to end', async () => {
    const child = supervise(script('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)'));
    await vi.waitUntil(() => readFileSync(path.join(folder, 'logs/script.log'), 'utf8').includes('up'), { timeout: 20_000 });
    const { pid } = child;
    await child.stop(200);
    expect(() => process.kill(Number(pid), 0)).toThrow();
    expect(deaths).toEqual([]);
  });
});

describe('the private Redis', () => {
  it('answers those who have its password, and is gone after its stop', async () => {
    const [port = 0] = await freePorts(1);
    const redis = privateRedis(folder, port, process.env);
    const child = supervise(redis.spec);
    await vi.waitUntil(async () => (await redisProblem(redis)) === undefined, { timeout: 20_000 });
    expect(await redisProblem({ ...redis, password: 'wrong' })).toMatch(/WRONGPASS/);
    await child.stop(5000);
    expect(await redisProblem(redis)).toMatch(/ECONNREFUSED/);
  });
});
