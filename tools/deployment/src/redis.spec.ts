import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort, temporaryFolder } from '@darkroom/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { renderChart } from './chart.js';
import { containersOf } from './kubernetes-object.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let redis: ChildProcess | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  redis?.kill('SIGKILL');
  await folder.remove();
});

it("the chart's Redis starts as told: with the password of the Secret, everything kept and written down", async () => {
  const objects = await renderChart('values.yaml');
  const named = (kind: string) => objects.find((object) => object.kind === kind && object.metadata.name === 'darkroom-redis');
  const [config, set] = [named('ConfigMap'), named('StatefulSet')];
  const [container] = set === undefined ? [] : containersOf(set);
  if (config === undefined || container === undefined) throw new Error('the chart has no Redis');

  // The container's folders lie in one folder here, and its port is one that is free.
  const port = await freePort();
  const here = (text: string) =>
    text.replace(/\/(etc\/darkroom|run\/secrets\/darkroom|tmp|data)\b/g, (found) => path.join(folder.path, found));
  for (const name of ['etc/darkroom', 'run/secrets/darkroom', 'tmp', 'data'])
    mkdirSync(path.join(folder.path, name), { recursive: true });
  writeFileSync(path.join(folder.path, 'etc/darkroom/redis.conf'), `${here(config['data']['redis.conf'])}port ${port}\n`);
  writeFileSync(path.join(folder.path, 'run/secrets/darkroom/redis-password'), 'a-password');
  const [shell = '', ...args] = (container.command ?? []).map(here);
  redis = spawn(shell, args, { stdio: 'ignore' });

  const [probe = '', ...probeArgs] = (container['readinessProbe'].exec.command as string[]).map((text) =>
    here(text).replace('redis-cli', `redis-cli -p ${port}`),
  );
  const isReady = () => {
    try {
      execFileSync(probe, probeArgs, { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  await expect.poll(isReady).toBe(true);
  const ask = (...words: string[]) =>
    execFileSync('redis-cli', ['-p', String(port), ...words], { encoding: 'utf8', stdio: 'pipe' }).trim();
  expect(ask('ping')).toContain('NOAUTH');
  const known = ['-a', 'a-password', '--no-auth-warning'];
  expect(ask(...known, 'config', 'get', 'appendonly')).toBe('appendonly\nyes');
  expect(ask(...known, 'config', 'get', 'maxmemory-policy')).toBe('maxmemory-policy\nnoeviction');
});
