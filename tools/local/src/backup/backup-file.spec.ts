import { createHash } from 'node:crypto';
import type { BackupManifest } from '@darkroom/contracts/admin';
import { describe, expect, it } from 'vitest';
import { makeArchive, readArchive } from './archive.js';
import { makeBackup, readBackup } from './backup-file.js';
import { assertKnownMigration } from './restored-database.js';

const database = Buffer.from('a database');
const manifest: BackupManifest = {
  format: 'darkroom-backup-1',
  created_at: '2026-11-29T12:00:00.000Z',
  postgres: '17',
  migration: '0000_initial',
  rows: { tenants: 1 },
  audit: { entries: 0, hash: '00' },
  files: {},
};
const backup = { manifest, database, secrets: new Map([['audit-key', Buffer.from('a key')]]) };

/** A back-up in which one file is another one, or is gone. */
async function changed(name: string, content: Buffer | undefined): Promise<Buffer> {
  const files = new Map(await readArchive(await makeBackup(backup)));
  if (content === undefined) files.delete(name);
  else files.set(name, content);
  return await makeArchive(files);
}

describe('a back-up', () => {
  it('is read as it was made, and its manifest says what each file is', async () => {
    const read = await readBackup(await makeBackup(backup));
    expect(read.database.equals(database)).toBe(true);
    expect([...read.secrets]).toEqual([...backup.secrets]);
    const sha256 = createHash('sha256').update('a key').digest('hex');
    expect(read.manifest).toMatchObject({ rows: { tenants: 1 }, files: { 'secrets/audit-key': { bytes: 5, sha256 } } });
  });

  it.each([
    ['a byte of the database is another', 'database.tar.gz', Buffer.from('A database'), 'database.tar.gz is not what'],
    ['the database is missing', 'database.tar.gz', undefined, 'database.tar.gz is missing'],
    ['a secret is another', 'secrets/audit-key', Buffer.from('b key'), 'secrets/audit-key is not what'],
    ['the manifest is missing', 'manifest.json', undefined, 'no back-up'],
    ['the manifest is none', 'manifest.json', Buffer.from('{}'), 'manifest.json is unreadable'],
    ['a file leads out of the state folder', 'secrets/../../.profile', Buffer.from('x'), 'no back-up has'],
  ])('is refused when %s', async (_what, name, content, why) => {
    await expect(readBackup(await changed(name, content))).rejects.toThrow(why);
  });

  it('is refused when it ends too early, or is something else', async () => {
    const whole = await makeBackup(backup);
    await expect(readBackup(whole.subarray(0, 1_600))).rejects.toThrow('damaged');
    await expect(readBackup(Buffer.alloc(2_000, 'x'))).rejects.toThrow('no back-up');
  });

  it('of a later version is refused, with the migration that this one does not know', () => {
    const root = new URL('../../../..', import.meta.url).pathname;
    expect(() => assertKnownMigration(root, manifest)).not.toThrow();
    expect(() => assertKnownMigration(root, { ...manifest, migration: '9999_later' })).toThrow('9999_later');
  });
});
