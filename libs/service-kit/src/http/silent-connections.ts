import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Connections over which nothing has been asked yet: Node counts them as busy, and would wait for them for as long as they stay. */
export class SilentConnections {
  private readonly sockets = new Set<Socket>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.on('request', ({ socket }) => this.sockets.delete(socket));
  }

  /** Closes them all; a browser opens some in advance, and opens others when it needs them. */
  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
