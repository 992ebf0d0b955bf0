import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
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
  /** Stops its process, so that its connections stay open and it answers nothing, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Stops it for good and deletes its data. */
  dispose(): Promise<void>;
}

/** Files in PEM that a server shows to those who call it. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
}

/**
 * Starts a redis-server on a free loopback port, with an append-only file as in production.
 *
 * @param tls with it, the server speaks TLS alone.
 */
export async function startRedisServer(tls?: ServerCertificate): Promise<RedisServer> {
  const folder = await temporaryFolder();
  const port = await freePort();
  let child: ChildProcess | undefined;

  const start = async () => {
    child = spawn(
      'redis-server',
      [
        ...(tls === undefined
          ? ['--port', String(port)]
          : ['--port', '0', '--tls-port', String(port), '--tls-cert-file', tls.certificate, '--tls-key-file', tls.key]),
        ...(tls === undefined ? [] : ['--tls-auth-clients', 'no']),
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
    while (!(await answers(port, tls !== undefined))) {
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
    url: `${tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${port}`,
    port,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    dispose: async () => {
      await end('SIGKILL');
      await folder.remove();
    },
  };
}

function answers(port: number, isTls: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const address = { port, host: '127.0.0.1' };
    // Whether its certificate is any good is for the spec to find out.
    const socket = isTls ? connect({ ...address, rejectUnauthorized: false }) : createConnection(address);
    socket.once('error', () => resolve(false));
    socket.once(isTls ? 'secureConnect' : 'connect', () => socket.write('PING\r\n'));
    // A server that still loads its data answers -LOADING.
    socket.once('data', (reply) => {
      socket.destroy();
      resolve(reply.toString().startsWith('+PONG'));
    });
  });
}
