import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DarkroomError } from '@darkroom/contracts';
import { type BackupManifest, backupFiles } from '@darkroom/contracts/admin';
import { Injectable } from '@nestjs/common';
import { pack } from 'tar-stream';
import { migrationsFolder } from '../database/database.js';
import { Database } from '../database/database.provider.js';

/** Backs the embedded database up while it is in use. */
@Injectable()
export class Backup {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /**
   * Copies the database as it is at this moment into a back-up without secrets.
   *
   * @throws {DarkroomError} Thrown with `conflict` when the database is a PostgreSQL server, which has means of its own.
   */
  async make(): Promise<Readable> {
    const dump = await this.database.dump();
    if (dump === undefined) {
      throw new DarkroomError({
        code: 'conflict',
        message: 'the database is a PostgreSQL server of its own; back it up with pg_dump',
      });
    }
    const folder = Buffer.from(await dump.folder.arrayBuffer());
    const { postgres, rows, audit } = dump;
    const manifest: BackupManifest = {
      format: 'darkroom-backup-1',
      created_at: new Date().toISOString(),
      postgres,
      migration: nameOf(dump.migratedAt),
      rows,
      audit,
      files: {
        [backupFiles.database]: { bytes: folder.length, sha256: createHash('sha256').update(folder).digest('hex') },
      },
    };
    const tar = pack();
    tar.entry({ name: backupFiles.manifest, mode: 0o600 }, JSON.stringify(manifest, null, 2));
    tar.entry({ name: backupFiles.database, mode: 0o600 }, folder);
    tar.finalize();
    return Readable.from(tar);
  }
}

/** Names the migration that was written at that time. */
function nameOf(writtenAt: number): string {
  const journal = JSON.parse(readFileSync(join(migrationsFolder, 'meta/_journal.json'), 'utf8')) as {
    entries: { tag: string; when: number }[];
  };
  // A later version has migrated the database, and this one was started again.
  return journal.entries.find(({ when }) => when === writtenAt)?.tag ?? `unknown, of ${new Date(writtenAt).toISOString()}`;
}
