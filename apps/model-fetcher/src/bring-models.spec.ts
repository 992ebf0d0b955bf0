import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Log } from '@darkroom/service-kit';
import { temporaryFolder } from '@darkroom/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bringModels } from './bring-models.js';
import { ModelCache } from './model-cache.js';

const log = Log.create('spec', 'silent');
const sha256 = (bytes: Uint8Array | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const files = new Map<string, Buffer>([
  ['model_index.json', Buffer.from('{"_class_name":"PocketPipeline"}')],
  ['transformer/model.onnx', Buffer.alloc(3_000_000, 7)],
]);
const digests = Buffer.from(
  JSON.stringify({ files: Object.fromEntries([...files].map(([name, bytes]) => [name, sha256(bytes)])) }),
);
const digest = sha256(digests);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let modelsDir: string;
let cacheDir: string;
let server: Server | undefined;

beforeEach(async () => {
  folder = await temporaryFolder();
  modelsDir = path.join(folder.path, 'models');
  cacheDir = path.join(folder.path, 'cache');
});

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
  await folder.remove();
});

const serveFiles: RequestListener = (request, response) => {
  const name = request.url?.replace('/pocket/', '') ?? '';
  const bytes = name === 'digests.json' ? digests : files.get(name);
  response.statusCode = bytes === undefined ? 404 : 200;
  response.end(bytes);
};

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/pocket/`;
}

async function writeModel(name: string): Promise<string> {
  const root = path.join(folder.path, name);
  for (const [file, bytes] of [...files, ['digests.json', digests] as const]) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), bytes);
  }
  return root;
}

function bring(from: string, options: { digest?: string; in_place?: boolean } = {}): Promise<void> {
  const cache = new ModelCache(cacheDir, { s3Region: 'us-east-1' }, log, [0.01, 0.01]);
  return bringModels([{ name: 'pocket', from, digest, in_place: false, ...options }], modelsDir, cache, log);
}

async function expectModel(): Promise<void> {
  for (const [file, bytes] of files) expect((await readFile(path.join(modelsDir, 'pocket', file))).equals(bytes)).toBe(true);
}

/** What a failure must leave: no link, and nothing in the cache. */
async function expectNothing(): Promise<void> {
  expect(await readdir(modelsDir)).toEqual([]);
  expect(await readdir(cacheDir)).toEqual([]);
}

describe('bringModels', () => {
  it('fetches over HTTP once, and then takes what the cache has', async () => {
    let requests = 0;
    const url = await serve((request, response) => {
      requests += 1;
      serveFiles(request, response);
    });
    await bring(url);
    await expectModel();
    expect(requests).toBe(3);
    await bring(url);
    await expectModel();
    expect(requests).toBe(3);
  });

  it('lets many share a cache at the same time', async () => {
    const url = await serve(serveFiles);
    await Promise.all(
      [0, 1, 2, 3].map(() =>
        new ModelCache(cacheDir, { s3Region: 'x' }, log).folderOf({ name: 'a', from: url, digest, in_place: false }),
      ),
    );
    expect(await readdir(cacheDir)).toEqual([digest.replace(':', '-')]);
  });

  it('copies a folder, or uses it in place', async () => {
    const root = await writeModel('here');
    await bring(pathToFileURL(root).href);
    await expectModel();
    expect(await readlink(path.join(modelsDir, 'pocket'))).toContain(cacheDir);
    await bring(pathToFileURL(root).href, { in_place: true });
    await expectModel();
    expect(await readlink(path.join(modelsDir, 'pocket'))).toBe(root);
  });

  it('tries again when the server fails or hangs up', async () => {
    let failures = 0;
    const url = await serve((request, response) => {
      const isWeights = request.url?.endsWith('.onnx') === true;
      if (isWeights && failures++ === 0) response.writeHead(503).end();
      else if (isWeights && failures === 2)
        response.writeHead(200, { 'content-length': 3_000_000 }).write('half', () => response.destroy());
      else serveFiles(request, response);
    });
    await bring(url);
    await expectModel();
    expect(failures).toBe(3);
  });

  it('gives up on a server that keeps failing', async () => {
    const url = await serve((_request, response) => void response.writeHead(500).end());
    await expect(bring(url)).rejects.toThrow('answered 500');
    await expectNothing();
  });

  it('refuses a file that is damaged, with both digests, and keeps nothing', async () => {
    const url = await serve((request, response) => {
      if (request.url?.endsWith('.onnx') === true) response.end(Buffer.alloc(3_000_000, 8));
      else serveFiles(request, response);
    });
    const [expected, actual] = [sha256(Buffer.alloc(3_000_000, 7)), sha256(Buffer.alloc(3_000_000, 8))];
    await expect(bring(url)).rejects.toThrow(`transformer/model.onnx should be ${expected} but is ${actual}`);
    await expectNothing();
  });

  it('refuses a list of files that is not the one that was meant, and one that is absent', async () => {
    const other = sha256('another');
    await expect(bring(await serve(serveFiles), { digest: other })).rejects.toThrow(
      `digests.json should be ${other} but is ${digest}`,
    );
    await expectNothing();
    await expect(bring(pathToFileURL(folder.path).href)).rejects.toThrow('has no digests.json');
    await expectNothing();
  });

  it('refuses a damaged folder in place', async () => {
    const root = await writeModel('here');
    await writeFile(path.join(root, 'transformer/model.onnx'), 'other');
    await expect(bring(pathToFileURL(root).href, { in_place: true })).rejects.toThrow('transformer/model.onnx should be');
    expect(await readdir(modelsDir)).toEqual([]);
  });

  it('clears away what a killed fetcher left the day before, and nothing younger', async () => {
    const [old, young] = [path.join(cacheDir, '.partial-old'), path.join(cacheDir, '.partial-young')];
    await mkdir(old, { recursive: true });
    await mkdir(young);
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(old, yesterday, yesterday);
    await bring(pathToFileURL(await writeModel('here')).href);
    expect((await readdir(cacheDir)).sort()).toEqual(['.partial-young', digest.replace(':', '-')]);
  });
});
