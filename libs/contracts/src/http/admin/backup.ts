import { z } from 'zod';

/** A file of a back-up: its length, and SHA-256 in hexadecimal. */
export const backupFile = z.object({ bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) });

/**
 * The first file of a back-up, `manifest.json`: what the others have to be, and what the database has to hold.
 *
 * A back-up is a tar file (POSIX pax) of the manifest, the database's folder as PGlite dumps it, and secrets where they were asked for.
 */
export const backupManifest = z.object({
  format: z.literal('darkroom-backup-1'),
  created_at: z.iso.datetime(),
  /** Major version of the PostgreSQL whose files these are. */
  postgres: z.string(),
  /** The last migration that the database has had. */
  migration: z.string(),
  /** How many rows each table has. */
  rows: z.record(z.string(), z.int().min(0)),
  /** Where the audit log ends: the number and hash of its last entry. */
  audit: z.object({ entries: z.int().min(0), hash: z.string() }),
  files: z.record(z.string(), backupFile),
});

/** What {@link backupManifest} holds. */
export type BackupManifest = z.infer<typeof backupManifest>;

/** Names of the files of a back-up. */
export const backupFiles = { manifest: 'manifest.json', database: 'database.tar.gz', secrets: 'secrets/' } as const;
