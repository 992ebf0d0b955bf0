import { createServer, type Server } from 'node:net';
import { LocalError } from './config.js';

/** Loopback address that every listener of a local platform binds to. */
export const LOOPBACK = '127.0.0.1';

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Finds different free loopback ports; all are held open until the last is found, so that none comes twice. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(close));
  return ports;
}

/**
 * Makes sure that a port can be had.
 * @throws LocalError when another program has it, naming the variable to set.
 */
export async function assertPortFree(port: number, variable = 'DARKROOM_PORT'): Promise<void> {
  try {
    await close(await listen(port));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'EADDRINUSE') {
      throw new LocalError(`Port ${port} is taken by another program. Choose another one: ${variable}=${port + 1} npm start`, {
        cause,
      });
    }
    if (code === 'EACCES') {
      throw new LocalError(
        `Port ${port} needs privileges that this user lacks. Choose one above 1023: ${variable}=8080 npm start`,
        { cause },
      );
    }
    throw cause;
  }
}
