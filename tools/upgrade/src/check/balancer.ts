import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';

/** Gives each connection to one of several servers in turn, as a Service of Kubernetes does; those that there are stay where they are. */
export class Balancer {
  readonly port: number;
  private readonly server: Server;
  private readonly ports: number[] = [];
  private readonly sockets = new Set<Socket>();
  private turn = 0;

  private constructor(server: Server) {
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket: Socket) => this.forward(socket));
  }

  static async open(): Promise<Balancer> {
    const server = createServer({ noDelay: true }).listen(0, HOST);
    await once(server, 'listening');
    return new Balancer(server);
  }

  add(port: number): void {
    this.ports.push(port);
  }

  /** Gives a server no new connections. */
  remove(port: number): void {
    this.ports.splice(this.ports.indexOf(port), 1);
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private forward(client: Socket): void {
    const port = this.ports[this.turn++ % this.ports.length];
    if (port === undefined) {
      client.destroy();
      return;
    }
    const server = connect({ port, host: HOST, noDelay: true });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => other.destroy());
      one.once('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
