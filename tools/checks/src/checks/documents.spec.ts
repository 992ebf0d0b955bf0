import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brokenLinks } from './documents.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'darkroom-documents-'));
  mkdirSync(path.join(root, 'docs'));
  writeFileSync(path.join(root, 'docs/there is.md'), '');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function broken(text: string): Promise<readonly string[]> {
  writeFileSync(path.join(root, 'docs/page.md'), text);
  return await brokenLinks(root, 'docs/page.md');
}

describe('brokenLinks', () => {
  it('accepts files, folders, anchors and addresses', async () => {
    const text = '[a](there%20is.md) [b](../docs#x) [c](#here) [d](https://example.org/x) [e](/docs) <img src="../docs">';
    expect(await broken(text)).toEqual([]);
  });

  it('names each link that leads nowhere', async () => {
    expect(await broken('[`x.ts`](../libs/x.ts) and ![p](p.png "title") <img src="q.png">')).toEqual([
      'docs/page.md: ../libs/x.ts leads nowhere',
      'docs/page.md: p.png leads nowhere',
      'docs/page.md: q.png leads nowhere',
    ]);
  });

  it('leaves code alone', async () => {
    expect(await broken('`[x](y)`\n\n```\n[x](y)\n```\n')).toEqual([]);
  });
});
