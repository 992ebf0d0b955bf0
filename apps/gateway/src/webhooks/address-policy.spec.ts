import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { AddressPolicy, type AddressSettings, type Resolve } from './address-policy.js';
import { post } from './post.js';
import { Receiver } from './receiver.fixture.js';

const strict: AddressSettings = { webhookAllowHttp: false, webhookAllowedNetworks: undefined };
const local: AddressSettings = { webhookAllowHttp: true, webhookAllowedNetworks: ['127.0.0.0/8'] };

const address = (text: string): LookupAddress => ({ address: text, family: text.includes(':') ? 6 : 4 });

/** Answers what the spec says that names stand for. */
function resolving(names: Record<string, string[]>): Resolve {
  return async (host) => {
    const found = names[host];
    if (found === undefined) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
    return found.map(address);
  };
}

// By IANA's registries of special-purpose addresses, and what clouds are known to keep at theirs.
const inward = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '169.254.170.2',
  '100.64.0.1',
  '100.100.100.200',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  '5f00::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
];

// Other ways to write addresses that lead inward.
const disguised = [
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://127.1/',
  'https://10.1/',
  'https://0/',
  'https://[::ffff:7f00:1]/',
  'https://[0:0:0:0:0:ffff:a9fe:a9fe]/',
  'https://１２７.０.０.１/',
  'https://127.0.0.1./',
];

describe('an address of a webhook', () => {
  it.each(inward)('can not be %s', async (ip) => {
    const written = `https://${ip.includes(':') ? `[${ip}]` : ip}/hook`;
    const policy = new AddressPolicy(strict, resolving({ 'inward.example': [ip] }));
    const refusal = { code: 'invalid_argument', param: 'url', message: expect.stringContaining('private, local or reserved') };
    await expect(policy.assertAllowed(written)).rejects.toMatchObject(refusal);
    await expect(policy.assertAllowed('https://inward.example/')).rejects.toMatchObject(refusal);
  });

  it.each(disguised)('can not be written as %s', async (written) => {
    await expect(new AddressPolicy(strict).assertAllowed(written)).rejects.toMatchObject({ param: 'url' });
  });

  it.each([
    ['http://93.184.215.14/', 'not https'],
    ['ftp://93.184.215.14/', 'not https'],
    ['file:///etc/passwd', 'not https'],
    ['https://user:secret@93.184.215.14/', 'credentials'],
    ['https://user@93.184.215.14/', 'credentials'],
    ['https://93.184.215.14/#here', 'fragment'],
    ['https://93.184.215.14/#', 'fragment'],
    ['/hook', 'no absolute address'],
    ['https://', 'no absolute address'],
    ['https://256.1.1.1/', 'no absolute address'],
    ['https://absent.example/', 'not found'],
  ])('can not be %s: %s', async (written, reason) => {
    const policy = new AddressPolicy(strict, resolving({}));
    await expect(policy.assertAllowed(written)).rejects.toMatchObject({ param: 'url', message: expect.stringContaining(reason) });
  });

  it('can not be a name of this machine, whatever resolves it', async () => {
    await expect(new AddressPolicy(strict).assertAllowed('https://localhost/')).rejects.toMatchObject({ param: 'url' });
    const policy = new AddressPolicy(strict, resolving({ 'mixed.example': ['93.184.215.14', '10.0.0.1'] }));
    await expect(policy.assertAllowed('https://mixed.example/')).rejects.toMatchObject({ param: 'url' });
  });

  it.each(['https://93.184.215.14/', 'https://[2606:4700::1111]:8443/a?b=c', 'https://outward.example:1/'])(
    'can be %s',
    async (written) => {
      const policy = new AddressPolicy(strict, resolving({ 'outward.example': ['93.184.215.14', '2606:4700::1111'] }));
      await expect(policy.assertAllowed(written)).resolves.toBeUndefined();
    },
  );

  it('can lead into the networks that operators allow, and no others', async () => {
    const policy = new AddressPolicy({ webhookAllowHttp: true, webhookAllowedNetworks: ['10.1.0.0/16', 'fd00::/8'] });
    await expect(policy.assertAllowed('http://10.1.2.3/')).resolves.toBeUndefined();
    await expect(policy.assertAllowed('http://[::ffff:10.1.2.3]/')).resolves.toBeUndefined();
    await expect(policy.assertAllowed('http://[fd12::1]/')).resolves.toBeUndefined();
    await expect(policy.assertAllowed('http://10.2.0.1/')).rejects.toMatchObject({ param: 'url' });
    await expect(policy.assertAllowed('http://127.0.0.1/')).rejects.toMatchObject({ param: 'url' });
  });

  it('can not have a host that no name server can tell of', async () => {
    const away = async () => Promise.reject(Object.assign(new Error('queryA ETIMEOUT'), { code: 'ETIMEOUT' }));
    await expect(new AddressPolicy(strict, away).assertAllowed('https://a.example/')).rejects.toMatchObject({
      param: 'url',
      message: expect.stringContaining('could not be resolved'),
    });
  });

  it.each(['localhost', 'LOCALHOST', 'localhost.', 'hook.localhost'])('leads to this machine by the name %s', async (name) => {
    const policy = new AddressPolicy({ webhookAllowHttp: true, webhookAllowedNetworks: ['127.0.0.0/8', '::1/128'] });
    await expect(policy.assertAllowed(`http://${name}/`)).resolves.toBeUndefined();
    await expect(new AddressPolicy(strict).assertAllowed(`https://${name}/`)).rejects.toMatchObject({ param: 'url' });
  });
});

describe('a connection', () => {
  const send = (policy: AddressPolicy, address: string) =>
    post({
      url: policy.parse(address),
      headers: {},
      body: '{}',
      lookup: policy.lookup,
      signal: AbortSignal.timeout(5_000),
    });

  it('goes to what its host was resolved to and checked', async () => {
    const receiver = await Receiver.start();
    const policy = new AddressPolicy(local, resolving({ 'hook.example': ['127.0.0.1'] }));
    expect(await send(policy, `http://hook.example:${receiver.port}/a?b=c`)).toEqual({ status: 204, body: '' });
    expect(receiver.received).toMatchObject([{ path: '/a?b=c', headers: { host: `hook.example:${receiver.port}` }, body: '{}' }]);
    await receiver.stop();
  });

  it('is not made to a host that resolves inward only later', async () => {
    const receiver = await Receiver.start();
    const answers = [['93.184.215.14'], ['127.0.0.1']];
    const policy = new AddressPolicy({ ...strict, webhookAllowHttp: true }, async () => (answers.shift() ?? []).map(address));
    const rebinding = `http://rebinding.example:${receiver.port}/`;
    await policy.assertAllowed(rebinding);
    await expect(send(policy, rebinding)).rejects.toThrow(/private, local or reserved/);
    expect(receiver.received).toEqual([]);
    await receiver.stop();
  });

  it('is not made to an address that is allowed no more', () => {
    const policy = new AddressPolicy({ ...strict, webhookAllowHttp: true });
    expect(() => policy.parse('http://127.0.0.1:1/')).toThrow(/private, local or reserved/);
  });

  it('keeps the first 1,024 bytes of an answer, cut at a whole character', async () => {
    const receiver = await Receiver.start();
    receiver.answer = (response) => response.end('ü'.repeat(5_000));
    const odd = await send(new AddressPolicy(local), receiver.url);
    expect(odd).toEqual({ status: 200, body: 'ü'.repeat(512) });
    receiver.answer = (response) => response.end(`a${'ü'.repeat(5_000)}`);
    expect(await send(new AddressPolicy(local), receiver.url)).toEqual({ status: 200, body: `a${'ü'.repeat(511)}` });
    await receiver.stop();
  });

  it('counts by its status, also when the rest of the answer never comes', async () => {
    const receiver = await Receiver.start();
    receiver.answer = (response) => void response.writeHead(200).write('begun');
    const policy = new AddressPolicy(local);
    const signal = AbortSignal.timeout(300);
    const answer = post({ url: policy.parse(receiver.url), headers: {}, body: '{}', lookup: policy.lookup, signal });
    expect(await answer).toEqual({ status: 200, body: 'begun' });
    await receiver.stop();
  });
});
