import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTrace } from './recorded.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const read = async (...lines: string[]) => {
  const file = join(folder.path, 'trace.jsonl');
  await writeFile(file, lines.join('\n'));
  return await readTrace(file, 30);
};
const least = '{"at": 1, "tenant": "a", "width": 64, "height": 32, "steps": 4}';

describe('a recorded trace', () => {
  it('is read line by line, with defaults', async () => {
    const all =
      '{"at": 2, "tenant": "b", "width": 64, "height": 64, "steps": 8, "n": 2, "guidance_scale": 1, "priority": 1, "weight": 2, "deadline": 5}';
    expect(await read(least, '', all)).toMatchObject([
      {
        atSeconds: 1,
        tenantId: 'a',
        width: 64,
        height: 32,
        steps: 4,
        imageCount: 1,
        guidanceScale: 4,
        weight: 1,
        deadlineSeconds: 30,
      },
      { atSeconds: 2, tenantId: 'b', imageCount: 2, guidanceScale: 1, priority: 1, weight: 2, deadlineSeconds: 5 },
    ]);
  });

  it.each([
    ['a line that is no JSON', [least, '{"at"'], /line 2: .*JSON/],
    ['a field that is not known', [least.replace('}', ', "size": 1}')], /line 1: .*size/],
    ['a field that is missing', ['{"at": 1}'], /line 1: [\s\S]*tenant/],
    ['one that arrives too early', [least, least.replace('1', '0.5')], /line 2: it arrives before the one above it/],
  ])('with %s is refused, with the line', async (_, lines, message) => {
    await expect(read(...lines)).rejects.toThrow(message);
  });

  it('that is not there is refused by its name', async () => {
    await expect(readTrace('/absent.jsonl', 30)).rejects.toThrow('--trace /absent.jsonl: ENOENT');
  });
});
