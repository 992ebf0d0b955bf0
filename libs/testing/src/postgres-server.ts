import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, readdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './ports.js';
import type { ServerCertificate } from './redis-server.js';
import { temporaryFolder } from './temporary-folder.js';

const run = promisify(execFile);

/** A real PostgreSQL server of a spec's own. */
export interface PostgresServer {
  readonly url: string;
  /** Starts it again after `stop`. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it for good and deletes its data. */
  dispose(): Promise<void>;
}

/**
 * Starts a PostgreSQL server on a free loopback port, from Debian's package or whatever lies in PATH.
 *
 * @param tls with it, the server takes connections over TLS too.
 */
export async function startPostgresServer(tls?: ServerCertificate): Promise<PostgresServer> {
  const binaries = await findBinaries();
  const folder = await temporaryFolder();
  const port = await freePort();
  const data = join(folder.path, 'data');
  // PostgreSQL refuses to run as root, so root's specs lend it to the user that Debian's package made.
  const isRoot = process.getuid?.() === 0;
  const identity = isRoot ? await userIds('postgres') : {};
  if (isRoot) await run('chown', ['postgres', folder.path]);
  await run(join(binaries, 'initdb'), ['--pgdata', data, '--username', 'darkroom', '--auth', 'trust', '--no-sync'], {
    ...identity,
    cwd: folder.path,
  });

  const tlsSettings = tls === undefined ? [] : await ownCertificate(tls, data, isRoot);

  let child: ReturnType<typeof spawn> | undefined;
  const start = async () => {
    child = spawn(
      join(binaries, 'postgres'),
      [
        '-D',
        data,
        '-p',
        String(port),
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        `unix_socket_directories=${folder.path}`,
        '-c',
        'fsync=off',
        ...tlsSettings,
      ],
      { ...identity, cwd: folder.path, stdio: 'ignore' },
    );
    const patience = Date.now() + 20_000;
    while (!(await accepts(port))) {
      if (child.exitCode !== null) throw new Error(`postgres ended with status ${child.exitCode}`);
      if (Date.now() > patience) throw new Error('postgres did not listen within 20 s');
      await sleep(50);
    }
  };
  const stop = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    // SIGINT is PostgreSQL's "fast shutdown": it doesn't wait for clients.
    child.kill('SIGINT');
    await exited;
  };
  await start();
  return {
    url: `postgres://darkroom@127.0.0.1:${port}/postgres`,
    start,
    stop,
    dispose: async () => {
      await stop();
      await folder.remove();
    },
  };
}

/** Copies a certificate to where the server's user alone can read it, as the server demands, and returns the settings for it. */
async function ownCertificate({ certificate, key }: ServerCertificate, data: string, isRoot: boolean): Promise<string[]> {
  for (const [from, name] of [
    [certificate, 'server.crt'],
    [key, 'server.key'],
  ] as const) {
    const to = join(data, name);
    await copyFile(from, to);
    await chmod(to, 0o600);
    if (isRoot) await run('chown', ['postgres', to]);
  }
  return ['-c', 'ssl=on'];
}

async function findBinaries(): Promise<string> {
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian)) {
    const versions = (await readdir(debian)).sort((a, b) => Number(b) - Number(a));
    const [newest] = versions.filter((version) => existsSync(join(debian, version, 'bin', 'initdb')));
    if (newest !== undefined) return join(debian, newest, 'bin');
  }
  const { stdout } = await run('sh', ['-c', 'command -v initdb']).catch(() => ({ stdout: '' }));
  if (stdout === '') throw new Error("PostgreSQL is not installed; install Debian's package postgresql");
  return dirname(stdout.trim());
}

async function userIds(user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, user])).stdout)));
  return { uid: uid ?? 0, gid: gid ?? 0 };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
