import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workspaceRoot } from '../workspace/root.js';
import { styleCheck } from './style.js';

let root: string;

beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'darkroom-style-'));
  await cp(path.join(workspaceRoot, 'biome.json'), path.join(root, 'biome.json'));
  await cp(path.join(workspaceRoot, '.gitignore'), path.join(root, '.gitignore'));
  symlinkSync(path.join(workspaceRoot, 'node_modules'), path.join(root, 'node_modules'));
  for (const folder of ['apps/gateway/src', 'libs/tensor/src']) await mkdir(path.join(root, folder), { recursive: true });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function failures(file: string, text: string): Promise<string> {
  writeFileSync(path.join(root, file), text);
  const { failed, detail } = await styleCheck(root).run();
  return failed === 0 ? '' : detail;
}

describe('the environment', () => {
  const read = "export const port = process.env['HTTP_PORT'];\n";

  it('is read by config.ts', async () => {
    expect(await failures('apps/gateway/src/config.ts', read)).toBe('');
  });

  it('is read by nobody else', async () => {
    expect(await failures('apps/gateway/src/main.ts', read)).toContain('noProcessEnv');
  });

  it('is not imported either', async () => {
    expect(await failures('libs/tensor/src/x.ts', "export { env } from 'node:process';\n")).toContain('noRestrictedImports');
  });
});

describe('tests', () => {
  it('are neither skipped nor run alone', async () => {
    const planted = (modifier: string) => `import { it } from 'vitest';\n\nit.${modifier}('x', () => {});\n`;
    expect(await failures('libs/tensor/src/x.spec.ts', planted('only'))).toContain('noFocusedTests');
    expect(await failures('libs/tensor/src/x.spec.ts', planted('skip'))).toContain('noSkippedTests');
  });
});

describe('format', () => {
  it('is checked', async () => {
    expect(await failures('libs/tensor/src/x.ts', 'export const a = "b"\n')).toContain('formatting');
  });
});
