import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { assertPortFree, freePorts, LOOPBACK } from './ports.js';

describe('freePorts', () => {
  it('finds as many different ports as asked for', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    await Promise.all(ports.map((port) => assertPortFree(port)));
  });
});

describe('assertPortFree', () => {
  it('names the variable to set when another program has the port', async () => {
    const server = createServer();
    const [port = 0] = await freePorts(1);
    await new Promise<void>((resolve) => server.listen(port, LOOPBACK, resolve));
    await expect(assertPortFree(port)).rejects.toThrow(
      `Port ${port} is taken by another program. Choose another one: DARKROOM_PORT=`,
    );
    await expect(assertPortFree(port, 'DARKROOM_DASHBOARD_PORT')).rejects.toThrow(
      `DARKROOM_DASHBOARD_PORT=${port + 1} npm start`,
    );
    await new Promise((resolve) => server.close(resolve));
  });
});
