import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './ports.js';
import { temporaryFolder } from './temporary-folder.js';

/** A real redis-server of a spec's own, which can be stopped and started again on the same port with its data. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Starts it again after `stop` or `kill`. */
  start(): Promise<void>;
  /** Stops it as an operator would: data is saved. */
  stop(): Promise<void>;
  /** Kills it as a crash would. */
  kill(): Promise<void>;
  /** Stops it for good and deletes its data. */
  dispose(): Promise<void>;
}

/** Starts a redis-server on a free loopback port, with an append-only file as in production. */
export async function startRedisServer(): Promise<RedisServer> {
  const folder = await temporaryFolder();
  const port = await freePort();
  let child: ChildProcess | undefined;

  const start = async () => {
    child = spawn(
      'redis-server',
      [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--dir',
        folder.path,
        '--appendonly',
        'yes',
        '--save',
        '',
        '--maxmemory-policy',
        'noeviction',
      ],
      { stdio: 'ignore' },
    );
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = new Error(`redis-server can't be started: ${error.message}; install Debian's redis-server`, { cause: error });
    });
    const patience = Date.now() + 10_000;
    while (!(await answers(port))) {
      if (failure) throw failure;
      if (child.exitCode !== null) throw new Error(`redis-server ended with status ${child.exitCode}`);
      if (Date.now() > patience) throw new Error('redis-server did not listen within 10 s');
      await sleep(20);
    }
  };
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    dispose: async () => {
      await end('SIGKILL');
      await folder.remove();
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    // A server that still loads its data answers -LOADING.
    socket.once('data', (reply) => {
      socket.destroy();
      resolve(reply.toString().startsWith('+PONG'));
    });
  });
}
