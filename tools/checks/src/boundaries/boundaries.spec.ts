import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPackages } from '../workspace/packages.js';
import { workspaceRoot } from '../workspace/root.js';
import { checkBoundaries } from './boundaries.js';

/** A copy of the real workspace's packages, tags and dependencies, with an empty index each, into which imports are planted. */
let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'darkroom-boundaries-'));
  mkdirSync(path.join(root, 'node_modules/@darkroom'), { recursive: true });
  for (const { name, folder } of readPackages(workspaceRoot)) {
    mkdirSync(path.join(root, folder), { recursive: true });
    cpSync(path.join(workspaceRoot, folder, 'package.json'), path.join(root, folder, 'package.json'));
    plant(`${folder}/src/index.ts`, 'export const value = 1;\nexport type Value = number;\n');
    symlinkSync(path.join(root, folder), path.join(root, 'node_modules', name));
  }
  plant('libs/contracts/src/http/index.ts', 'export {};\n');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function plant(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

async function violations(): Promise<readonly string[]> {
  return (await checkBoundaries(root)).violations;
}

/** Where an import is planted, the import, and why it must be refused. */
const planted = [
  ['libs/tensor/src', "import { value } from '@darkroom/contracts';", 'layer "base" may use no other package'],
  ['libs/tensor/src', "import type { Value } from '@darkroom/contracts';", 'layer "base" may use no other package'],
  ['libs/flow-matching/src', "export * from '@darkroom/onnx-pipeline';", 'layer "math" may use base'],
  ['libs/onnx-pipeline/src', "await import('@darkroom/service-kit');", 'layer "engine" may use math, base'],
  ['libs/contracts/src', "import '@darkroom/service-kit';", 'layer "contract" may use base'],
  ['libs/service-kit/src', "import '@darkroom/onnx-pipeline';", 'layer "kit" may use contract, base'],
  ['libs/service-kit/src', "import '@darkroom/testing';", 'layer "kit" may use contract, base'],
  ['libs/scaling-policy/src', "import '@darkroom/service-kit/queue';", 'layer "policy" may use contract, base'],
  ['libs/queue-policy/src', "import { Redis } from 'ioredis';", 'layer "policy" may use zod'],
  ['apps/gateway/src', "import '@darkroom/onnx-pipeline';", 'layer "edge" may use kit, policy, contract, base'],
  ['apps/gateway/src', "import '@darkroom/denoiser';", 'layer "edge" may use'],
  ['tools/bench/src', "import '../../../apps/gateway/src/index.js';", 'layer "tool" may use'],
  ['libs/flow-matching/src', "import { Injectable } from '@nestjs/common';", 'layer "math" may use none'],
  ['libs/tensor/src', "import { Client } from '@grpc/grpc-js';", 'layer "base" may use none'],
  ['libs/onnx-pipeline/src', "import { Queue } from 'bullmq';", 'layer "engine" may use onnxruntime-node'],
  ['libs/onnx-pipeline/src/deep', "import type { Queue } from 'bullmq';", 'layer "engine" may use onnxruntime-node'],
  ['apps/denoiser/src', "import 'onnxruntime-node';", 'may be imported in libs/onnx-pipeline, tools/ alone'],
  ['apps/gateway/src', "import '@kubernetes/client-node';", 'may be imported in libs/cluster'],
  ['apps/gateway/src', "import 'drizzle-orm/pg-core';", 'may be imported in apps/control-plane'],
  ['apps/gateway/src', "import 'left-pad';", 'must be declared in apps/gateway/package.json'],
  ['apps/gateway/src', "import '../../../libs/contracts/src/index.js';", 'never by a relative path'],
  ['apps/playground/src', "import { value } from '@darkroom/contracts';", 'nothing else of it'],
  ['apps/playground/src', "import '@darkroom/service-kit';", 'layer "web" may use client, contract'],
  ['apps/gateway/src', "import '@darkroom/client';", 'layer "edge" may use'],
  ['libs/client/src', "import '@darkroom/contracts/http';", 'layer "client" may use no other package'],
  ['libs/contracts/src/http', "import '@grpc/grpc-js';", 'runs in browsers'],
  ['libs/contracts/src/http', "import { readFileSync } from 'node:fs';", 'runs in browsers'],
] as const;

describe('checkBoundaries', () => {
  it('finds nothing wrong with the planted copy itself', async () => {
    expect(await violations()).toEqual([]);
  });

  it('refuses each bad import, for its own reason, and nothing else', async () => {
    for (const [index, [folder, text]] of planted.entries()) plant(`${folder}/planted-${index}.ts`, `${text}\n`);
    const found = await violations();
    for (const [index, [folder, text, reason]] of planted.entries()) {
      const own = found.filter((one) => one.startsWith(`${folder}/planted-${index}.ts imports`));
      expect(own.join('\n'), `${folder}: ${text}`).toContain(reason);
    }
    expect(found.filter((one) => !one.includes('/planted-'))).toEqual([]);
  });

  it('lets specs of any layer use the testing packages and the client, and nothing else', async () => {
    plant('libs/service-kit/src/good.spec.ts', "import '@darkroom/testing';\nimport 'vitest';\n");
    plant('apps/gateway/src/good.spec.ts', "import '@darkroom/client';\n");
    plant('libs/tensor/src/good.ts', "import { cpus } from 'node:os';\nexport const cores = cpus;\n");
    expect(await violations()).toEqual([]);
    plant('libs/service-kit/src/bad.spec.ts', "import '@darkroom/onnx-pipeline';\n");
    expect((await violations()).join('\n')).toContain('bad.spec.ts imports libs/onnx-pipeline/src/index.ts');
  });

  it('refuses circular imports, and names every file of the circle', async () => {
    plant('libs/tensor/src/a.ts', "import './b.js';\n");
    plant('libs/tensor/src/b.ts', "import './c.js';\n");
    plant('libs/tensor/src/c.ts', "import type { A } from './a.js';\nexport type C = A;\n");
    const found = (await violations()).join('\n');
    expect(found).toContain('a file must not import itself through others');
    for (const name of ['a.ts', 'b.ts', 'c.ts']) expect(found).toContain(`libs/tensor/src/${name}`);
  });

  it('refuses a package without a layer, and one of an unknown layer', async () => {
    plant('libs/tensor/package.json', '{"name":"@darkroom/tensor"}');
    plant('libs/testing/package.json', '{"name":"@darkroom/testing","nx":{"tags":["layer:attic"]}}');
    const found = await violations();
    expect(found).toHaveLength(2);
    expect(found[0]).toContain('libs/tensor/package.json needs one tag');
    expect(found[1]).toContain('"attic" is none');
  });
});
