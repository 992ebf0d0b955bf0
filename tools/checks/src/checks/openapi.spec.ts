import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { workspaceRoot } from '../workspace/root.js';
import { staleFiles } from './openapi.js';

it('staleFiles names what was edited and what is missing', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'darkroom-openapi-'));
  try {
    const document = path.join(root, 'docs/openapi.json');
    cpSync(path.join(workspaceRoot, 'docs/openapi.json'), document);
    writeFileSync(document, readFileSync(document, 'utf8').replace('Darkroom', 'Lightroom'));
    expect(await staleFiles(root)).toEqual([
      expect.stringContaining('docs/openapi.json is not what'),
      expect.stringContaining('libs/client/src/generated/openapi.ts is not what'),
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
