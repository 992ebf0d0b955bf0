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

describe('checkBoundaries', () => {
  it('finds nothing wrong with the planted copy itself', async () => {
    expect(await violations()).toEqual([]);
  });

  it.each([
    ['libs/tensor/src/x.ts', "import { value } from '@darkroom/contracts';", 'layer "base" may use no other package'],
    ['libs/tensor/src/x.ts', "import type { Value } from '@darkroom/contracts';", 'layer "base" may use no other package'],
    ['libs/flow-matching/src/x.ts', "export * from '@darkroom/onnx-pipeline';", 'layer "math" may use base'],
    ['libs/onnx-pipeline/src/x.ts', "await import('@darkroom/service-kit');", 'layer "engine" may use math, base'],
    ['libs/contracts/src/x.ts', "import '@darkroom/service-kit';", 'layer "contract" may use base'],
    ['libs/service-kit/src/x.ts', "import '@darkroom/onnx-pipeline';", 'layer "kit" may use contract, base'],
    ['libs/service-kit/src/x.ts', "import '@darkroom/testing';", 'layer "kit" may use contract, base'],
    ['apps/gateway/src/x.ts', "import '@darkroom/onnx-pipeline';", 'layer "edge" may use kit, contract, base'],
    ['apps/gateway/src/x.ts', "import '@darkroom/denoiser';", 'layer "edge" may use'],
    ['tools/bench/src/x.ts', "import '../../../apps/gateway/src/index.js';", 'layer "tool" may use'],
    ['libs/flow-matching/src/x.ts', "import { Injectable } from '@nestjs/common';", 'layer "math" may use none'],
    ['libs/tensor/src/x.ts', "import { Client } from '@grpc/grpc-js';", 'layer "base" may use none'],
    ['libs/onnx-pipeline/src/x.ts', "import { Queue } from 'bullmq';", 'layer "engine" may use onnxruntime-node'],
    ['libs/onnx-pipeline/src/deep/x.ts', "import type { Queue } from 'bullmq';", 'layer "engine" may use onnxruntime-node'],
    ['apps/denoiser/src/x.ts', "import 'onnxruntime-node';", 'may be imported in libs/onnx-pipeline, tools/ alone'],
    ['apps/gateway/src/x.ts', "import '@kubernetes/client-node';", 'may be imported in apps/control-plane, apps/autoscaler'],
    ['apps/gateway/src/x.ts', "import 'drizzle-orm/pg-core';", 'may be imported in apps/control-plane'],
    ['apps/gateway/src/x.ts', "import 'left-pad';", 'must be declared in apps/gateway/package.json'],
    ['apps/gateway/src/x.ts', "import '../../../libs/contracts/src/index.js';", 'never by a relative path'],
    ['libs/contracts/src/http/x.ts', "import '@grpc/grpc-js';", 'runs in browsers'],
    ['libs/contracts/src/http/x.ts', "import { readFileSync } from 'node:fs';", 'runs in browsers'],
  ])('refuses in %s: %s', async (file, text, reason) => {
    plant(file, `${text}\n`);
    const found = await violations();
    expect(found.some((one) => one.startsWith(`${file} imports`) && one.includes(reason))).toBe(true);
  });

  it('lets specs of any layer use the testing packages, and nothing else', async () => {
    plant('libs/service-kit/src/good.spec.ts', "import '@darkroom/testing';\nimport 'vitest';\n");
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
