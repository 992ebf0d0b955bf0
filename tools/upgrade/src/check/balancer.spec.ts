import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { Balancer } from './balancer.js';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

/** A server that answers each line with its name. */
async function named(name: string): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('data', () => socket.write(name));
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  cleanUps.push(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function client(balancer: Balancer): Promise<Socket> {
  const socket = connect(balancer.port, '127.0.0.1');
  cleanUps.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: Socket): Promise<string> {
  socket.write('who?\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

it('gives new connections to servers in turn, and leaves those that there are with theirs when it goes', async () => {
  const balancer = await Balancer.open();
  cleanUps.push(() => balancer.close());
  const [older, newer] = [await named('older'), await named('newer')];
  balancer.add(older);
  const first = await client(balancer);
  expect(await ask(first)).toBe('older');
  balancer.add(newer);
  expect(new Set([await ask(await client(balancer)), await ask(await client(balancer))])).toEqual(new Set(['older', 'newer']));
  balancer.remove(older);
  for (let count = 0; count < 3; count++) expect(await ask(await client(balancer))).toBe('newer');
  expect(await ask(first)).toBe('older');
  balancer.remove(newer);
  const refused = await client(balancer);
  await once(refused, 'close');
});
