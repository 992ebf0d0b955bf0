import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resolveHost } from './resolve-host.js';

// Types and answer codes of the DNS (RFC 1035, section 3.2.2 and 4.1.1; RFC 3596).
const A = 1;
const AAAA = 28;
const NO_SUCH_NAME = 3;
const SERVER_FAILURE = 2;

const records = new Map<string, Record<number, Buffer[]>>([
  ['both.example', { [A]: [Buffer.from([93, 184, 215, 14])], [AAAA]: [Buffer.from('26064700000000000000000000001111', 'hex')] }],
  ['old.example', { [A]: [Buffer.from([93, 184, 215, 14]), Buffer.from([10, 0, 0, 1])] }],
  ['empty.example', {}],
]);

/** Answers one question as a name server does. */
function answerTo(query: Buffer): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const question = query.subarray(12, at + 5);
  const name = labels.join('.').toLowerCase();
  const type = query.readUInt16BE(at + 1);
  const found = records.get(name);
  const data = found?.[type] ?? [];
  const code = name.startsWith('broken') ? SERVER_FAILURE : found === undefined ? NO_SUCH_NAME : 0;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(data.length, 6);
  const answers = data.map((bytes) => {
    // The name by a pointer to the question's, type, class IN, a minute to live, length.
    const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, bytes.length]);
    return Buffer.concat([head, bytes]);
  });
  return Buffer.concat([header, question, ...answers]);
}

let server: Socket;
let resolver: Resolver;
beforeAll(async () => {
  server = createSocket('udp4');
  server.on('message', (query, { port, address }) => server.send(answerTo(query), port, address));
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  resolver = new Resolver({ timeout: 1_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${(server.address() as AddressInfo).port}`]);
});
afterAll(() => server.close());

it('finds all addresses of a host, of both kinds', async () => {
  expect(await resolveHost('both.example', resolver)).toEqual([
    { address: '93.184.215.14', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ]);
  expect(await resolveHost('old.example', resolver)).toEqual([
    { address: '93.184.215.14', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ]);
});

it('tells a host that does not exist from one that nobody can tell of', async () => {
  await expect(resolveHost('absent.example', resolver)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(resolveHost('empty.example', resolver)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(resolveHost('broken.example', resolver)).rejects.toMatchObject({ code: 'ESERVFAIL' });
});

it('asks nobody for this machine', async () => {
  expect((await resolveHost('localhost')).map(({ address }) => address)).toEqual(['127.0.0.1', '::1']);
});
