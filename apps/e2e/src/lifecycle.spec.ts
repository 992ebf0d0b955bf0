import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '@darkroom/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { makeImage } from './generation.js';
import { decodeImage } from './images.js';
import { openListeners } from './listeners.js';
import { TestPlatform } from './platform.js';
import { isRunning, until } from './processes.js';

const root = path.resolve(import.meta.dirname, '../../..');
const cleanUps: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'darkroom-e2e-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command of tools/local to its end. */
async function run(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ status: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [path.join(root, `tools/local/dist/${command}.js`), ...args], {
    env: { ...process.env, ...environment },
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, out, err };
}

describe('a running platform', () => {
  it('prints a curl line that makes an image, refuses a second start, listens on loopback alone, and leaves nothing after Ctrl-C', async () => {
    const platform = await TestPlatform.start({ environment: { MODELS: '' } });
    cleanUps.push(() => platform.dispose());

    const curl = /^ +(curl .*)$/m.exec(platform.output)?.[1];
    expect(curl).toContain(platform.apiKey);
    const folder = temporaryFolder();
    const shell = spawn('sh', ['-c', String(curl)], { cwd: folder });
    await new Promise((resolve) => shell.once('close', resolve));
    expect(await decodeImage(readFileSync(path.join(folder, 'apple.png')))).toMatchObject({ format: 'png', width: 256 });

    const dashboard = /^ +Dashboard +(\S+) +\(admin, password in /m.exec(platform.output)?.[1] ?? '';
    expect(dashboard).toBe(platform.record.controlPlaneUrl);
    const signedIn = await fetch(`${dashboard}/admin/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: dashboard, 'x-darkroom-request': 'dashboard' },
      body: JSON.stringify({
        name: 'admin',
        password: readFileSync(path.join(platform.stateDir, 'dashboard-password'), 'utf8').trim(),
      }),
    });
    expect(await signedIn.json()).toMatchObject({ operator: { name: 'admin', role: 'admin' } });

    const environment = { DARKROOM_STATE_DIR: platform.stateDir, DARKROOM_PORT: String(platform.port) };
    const second = await run('start', [], environment);
    expect(second.status).not.toBe(0);
    expect(second.err).toContain(`already running at ${platform.url}`);

    const taken = await run('start', [], { ...environment, DARKROOM_STATE_DIR: temporaryFolder() });
    expect(taken.status).not.toBe(0);
    expect(taken.err).toContain('DARKROOM_PORT');

    const { processes } = platform;
    expect(processes.length).toBeGreaterThan(7);
    expect(openListeners(processes)).toEqual(expect.arrayContaining(['127.0.0.1']));
    expect(openListeners(processes).filter((address) => address !== '127.0.0.1')).toEqual([]);
    await platform.stop('SIGINT');
    expect(platform.launcher.exitCode).toBe(0);
    expect(processes.filter(isRunning)).toEqual([]);
  });

  it('is backed up while it runs, goes down with a launcher that is killed the hard way, and comes back elsewhere', {
    timeout: 240_000,
  }, async () => {
    const platform = await TestPlatform.start();
    cleanUps.push(() => platform.dispose());
    const { id } = (await makeImage(platform)).answer;
    await until('it is charged', async () => (await platform.usage(id)).length === 1);
    const known = async (one: TestPlatform) => ({
      usage: await one.usage(),
      keys: (await one.admin<{ data: { id: string }[] }>('GET', '/keys')).data.map((key) => key.id),
    });
    const before = await known(platform);
    const { entries, hash } = await platform.admin<{ entries: number; hash: string }>('GET', '/audit/verify');
    const file = path.join(temporaryFolder(), 'backup.tar');
    const backedUp = await run('backup', ['--out', file, '--with-secrets'], { DARKROOM_STATE_DIR: platform.stateDir });
    expect(backedUp.err).toBe('');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { apiKey, processes } = platform;
    platform.launcher.kill('SIGKILL');
    await until('every process is gone', () => !processes.some(isRunning), 20_000);

    const refused = await run('restore', ['--from', file], { DARKROOM_STATE_DIR: platform.stateDir });
    expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('--force') });

    const stateDir = temporaryFolder();
    const restored = await run('restore', ['--from', file], { DARKROOM_STATE_DIR: stateDir });
    expect(restored.out, restored.err).toContain('its audit log is intact');
    const again = await TestPlatform.start({ stateDir });
    cleanUps.push(() => again.dispose());
    expect(again.apiKey).toBe(apiKey);
    expect((await again.fetch('/v1/usage')).status).toBe(200);
    expect(await known(again)).toEqual(before);
    expect(await again.admin('GET', `/audit/verify?sequence=${entries}&hash=${hash}`)).toMatchObject({ intact: true });
  });
});

describe('npm run generate', () => {
  it('starts the platform, writes the image, prints its receipt, and stops the platform', async () => {
    const folder = temporaryFolder();
    const environment = {
      DARKROOM_STATE_DIR: path.join(folder, 'state'),
      DARKROOM_PORT: String(await freePort()),
      INIT_CWD: folder,
    };
    const args = [
      'a red apple on a blue background',
      '--seed',
      '7',
      '--size',
      '128x96',
      '--steps',
      '4',
      '--guidance',
      '4',
      '--out',
      'apple.png',
    ];
    const { status, out, err } = await run('generate', args, environment);
    expect(err + out).toContain('apple.png');
    expect(status).toBe(0);
    expect(await decodeImage(readFileSync(path.join(folder, 'apple.png')))).toMatchObject({
      format: 'png',
      width: 128,
      height: 96,
    });
    for (const fact of ['seed', 'model digest', 'scheduler', 'steps', '128x96', 'denoise', 'decode']) expect(out).toContain(fact);
    await expect(fetch(`http://127.0.0.1:${environment.DARKROOM_PORT}/healthz`)).rejects.toThrow();
  });

  it('explains itself, and what is wrong with its arguments', async () => {
    const help = await run('generate', ['--help'], {});
    expect(help.status).toBe(0);
    for (const option of ['--seed', '--size', '--steps', '--guidance', '--negative', '--n', '--model', '--format', '--out'])
      expect(help.out).toContain(option);
    const wrong = await run('generate', ['a red apple', '--seed', 'seven'], {});
    expect(wrong.status).toBe(1);
    expect(wrong.err).toContain('--seed must be a number');
  });
});

describe('a damaged model file', () => {
  it('is named with its digests at start, and the platform does not become ready', async () => {
    const models = temporaryFolder();
    cpSync(path.join(root, 'models/pocket'), path.join(models, 'pocket'), { recursive: true });
    for (const name of ['moderation-nsfw', 'moderation-text']) {
      symlinkSync(path.join(root, 'models', name), path.join(models, name));
    }
    const file = path.join(models, 'pocket/transformer/model.onnx');
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 100) ^ 0xff, bytes.length - 100);
    writeFileSync(file, bytes);

    const platform = await TestPlatform.launch({ environment: { MODELS_DIR: models } });
    cleanUps.push(() => platform.dispose());
    await until('the launcher names the damaged file', () =>
      /waiting for denoiser-pocket: .*transformer\/model\.onnx/.test(platform.output),
    );
    const { ready, services } = platform.record;
    expect(ready).toBe(false);
    const response = await fetch(`${services.find(({ name }) => name === 'denoiser-pocket')?.httpUrl}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.text()).toMatch(/transformer\/model\.onnx.*sha256:[0-9a-f]{64}/s);
    expect(readFileSync(path.join(platform.stateDir, 'logs/denoiser-pocket.log'), 'utf8')).toMatch(
      /transformer\/model\.onnx.*sha256:[0-9a-f]{64}/,
    );
  });
});
