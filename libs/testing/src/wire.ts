import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** A way to a server that a spec can cut. */
export interface Wire {
  readonly port: number;
  /** Breaks off the connections that there are. */
  drop(): void;
  /** Breaks them off, and lets no new ones through until it is mended. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

/** Lays a wire on loopback to a server's port. */
export async function layWire(to: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection({ port: to, host: '127.0.0.1' });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.once('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.on('error', () => one.destroy());
    }
    near.pipe(far).pipe(near);
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    drop,
    cut: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      drop();
      await closed;
    },
    mend: () => listen(port),
  };
}
