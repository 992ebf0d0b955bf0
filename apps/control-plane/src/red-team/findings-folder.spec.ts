import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '@darkroom/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Config } from '../config.js';
import { FindingsFolder } from './findings-folder.js';

const root = path.resolve(import.meta.dirname, '../../../..');

function open(environment: Record<string, string>): FindingsFolder {
  return new FindingsFolder(Config.read({ ADMIN_TOKEN: 'spec-admin-token-0123456789', ...environment }));
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(path.join(folder.path, 'findings'));
});
afterEach(() => folder.remove());

describe('findings', () => {
  it('are those of this repository, as the red team left them, without their prompts', async () => {
    const { configured, data, report } = await open({
      REDTEAM_DIR: path.join(root, 'redteam'),
      REDTEAM_REPORT: path.join(root, 'docs/red-team/report.json'),
    }).read();
    expect(configured).toBe(true);
    expect(data.length).toBeGreaterThan(0);
    for (const { id, category, technique, attacks } of data) {
      expect(id).toBe(`${category}.${technique}`);
      expect(attacks).toBeGreaterThan(0);
    }
    expect(JSON.stringify(data)).not.toContain('prompt');
    for (const levels of Object.values(report?.attack_success ?? {})) {
      for (const { before, after } of Object.values(levels)) {
        for (const { count, of, share, low, high } of [before, after].filter((rate) => rate !== null)) {
          expect(share).toBeCloseTo(of === 0 ? 0 : count / of);
          // Wilson's interval of none comes out a little beside 0.
          expect(low).toBeLessThanOrEqual(share + 1e-9);
          expect(high).toBeGreaterThanOrEqual(share - 1e-9);
        }
      }
    }
    expect(Object.keys(report?.attack_success ?? {})).toContain('violence');
  });

  it('are none where nobody said where they are, or nothing is there yet', async () => {
    expect(await open({}).read()).toEqual({ object: 'list', configured: false, data: [], report: null });
    const empty = open({ REDTEAM_DIR: path.join(folder.path, 'nowhere'), REDTEAM_REPORT: path.join(folder.path, 'report.json') });
    expect(await empty.read()).toEqual({ object: 'list', configured: true, data: [], report: null });
  });

  it('name a file that is none', async () => {
    await writeFile(path.join(folder.path, 'findings/hate.split.json'), '{"id":"hate.split","state":"forgotten"}');
    await expect(open({ REDTEAM_DIR: folder.path }).read()).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('hate.split.json'),
    });
  });
});
