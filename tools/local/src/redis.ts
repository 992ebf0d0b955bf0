import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { LOOPBACK } from './ports.js';
import type { ProcessSpec } from './supervised-process.js';

/**
 * Runs a command so that it never outlives the launcher, and always outlives its own children: file descriptor 3 is a pipe whose
 * closing means that the launcher died, and TERM (sent to the whole group) reaches the command while the shell waits to reap it.
 */
const GUARD = `
trap : TERM INT HUP
"$@" 3<&- </dev/null &
command=$!
{ read -r _ <&3; kill "$command"; } 2>/dev/null &
watch=$!
while wait "$command"; status=$?; kill -0 "$command" 2>/dev/null; do :; done
kill "$watch" 2>/dev/null
wait "$watch"
exit "$status"
`;

/** A private Redis: how to run it and how to reach it. */
export interface PrivateRedis {
  readonly spec: ProcessSpec;
  readonly port: number;
  readonly password: string;
  readonly url: string;
}

/** Describes a Redis for this platform alone: on the loopback interface, behind a password, never evicting, surviving crashes. */
export function privateRedis(stateDir: string, port: number, environment: NodeJS.ProcessEnv): PrivateRedis {
  const folder = path.join(stateDir, 'redis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const password = randomBytes(24).toString('hex');
  const file = path.join(folder, 'redis.conf');
  const settings = [
    `bind ${LOOPBACK}`,
    `port ${port}`,
    `requirepass ${password}`,
    `dir "${folder}"`,
    'maxmemory-policy noeviction',
    // Each write reaches the operating system before its reply, so that a killed Redis forgets nothing.
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'daemonize no',
  ];
  // The password is in a file because command lines are public.
  writeFileSync(file, `${settings.join('\n')}\n`, { mode: 0o600 });
  const spec: ProcessSpec = {
    name: 'redis',
    command: 'sh',
    args: ['-c', GUARD, 'redis-guard', 'redis-server', file],
    cwd: folder,
    env: environment,
    logFile: path.join(stateDir, 'logs/redis.log'),
    lifeline: 'fd3',
  };
  return { spec, port, password, url: `redis://:${password}@${LOOPBACK}:${port}/0` };
}

/** Asks Redis for a sign of life; resolves to undefined when it answers, else to what is wrong. */
export function redisProblem(redis: PrivateRedis, timeoutMs = 1000): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port: redis.port, host: LOOPBACK });
    let answer = '';
    const end = (problem: string | undefined) => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(timeoutMs, () => end('does not answer'));
    socket.once('error', (error) => end(error.message));
    socket.once('connect', () => socket.write(`AUTH ${redis.password}\r\nPING\r\n`));
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
      if (answer.includes('+PONG')) end(undefined);
      else if (answer.split('\r\n').length > 2) end(answer.trim().split('\r\n').join('; '));
    });
  });
}
