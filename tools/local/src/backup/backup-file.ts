import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type BackupManifest, backupFiles, backupManifest } from '@darkroom/contracts/admin';
import { LocalError } from '../config.js';
import { type Files, makeArchive, readArchive } from './archive.js';

/**
 * Files of a state folder that the database and the images can't be used without, as far as they aren't given by the environment:
 * what opens webhooks' secrets, recognises what was judged, checks addresses of images, finds marks, and signs.
 */
export const keptSecrets = [
  'admin-token',
  'api-key',
  'audit-key',
  'file-url-secret',
  'provenance/development-certificate.pem',
  'provenance/watermark-key',
  'webhook-secrets-key',
] as const;

/** A back-up whose every file is as its manifest says. */
export interface Backup {
  readonly manifest: BackupManifest;
  /** The database's folder, a gzipped tar file. */
  readonly database: Buffer;
  /** By their names in the state folder. */
  readonly secrets: Files;
}

/**
 * Reads a back-up.
 * @throws LocalError when it is damaged, or none.
 */
export async function readBackup(bytes: Uint8Array): Promise<Backup> {
  const files = await readArchive(bytes).catch((cause: unknown) => {
    throw new LocalError('It is no back-up, or it is damaged: it is no whole tar file.', { cause });
  });
  const manifest = readManifest(files.get(backupFiles.manifest));
  for (const [name, { bytes: length, sha256 }] of Object.entries(manifest.files)) {
    const content = files.get(name);
    if (content === undefined) throw new LocalError(`It is damaged: ${name} is missing.`);
    if (content.length !== length || digest(content) !== sha256)
      throw new LocalError(`It is damaged: ${name} is not what its manifest says (sha256 ${sha256}).`);
  }
  const secrets = new Map<string, Buffer>();
  for (const [name, content] of files) {
    if (name === backupFiles.manifest || name === backupFiles.database) continue;
    const secret = keptSecrets.find((known) => backupFiles.secrets + known === name);
    if (secret === undefined || manifest.files[name] === undefined)
      throw new LocalError(`It has a file that no back-up has: ${JSON.stringify(name)}.`);
    secrets.set(secret, content);
  }
  const database = files.get(backupFiles.database);
  if (database === undefined || manifest.files[backupFiles.database] === undefined)
    throw new LocalError(`It is damaged: ${backupFiles.database} is missing.`);
  return { manifest, database, secrets };
}

/** Writes a back-up, as {@link readBackup} reads it. */
export async function makeBackup({ manifest, database, secrets }: Backup): Promise<Buffer> {
  const content = new Map([[backupFiles.database as string, database]]);
  for (const [name, secret] of secrets) content.set(backupFiles.secrets + name, secret);
  const described = [...content].map(([name, file]) => [name, { bytes: file.length, sha256: digest(file) }] as const);
  const whole: BackupManifest = { ...manifest, files: Object.fromEntries(described) };
  return await makeArchive(new Map([[backupFiles.manifest, Buffer.from(JSON.stringify(whole, null, 2))], ...content]));
}

/** Reads the secrets that a state folder has. */
export function readSecrets(stateDir: string): Files {
  const present = keptSecrets.filter((name) => existsSync(path.join(stateDir, name)));
  return new Map(present.map((name) => [name, readFileSync(path.join(stateDir, name))]));
}

function readManifest(bytes: Buffer | undefined): BackupManifest {
  if (bytes === undefined) throw new LocalError(`It is no back-up: ${backupFiles.manifest} is missing.`);
  try {
    return backupManifest.parse(JSON.parse(bytes.toString()));
  } catch (cause) {
    throw new LocalError(`It is damaged, or of a version that this one does not know: ${backupFiles.manifest} is unreadable.`, {
      cause,
    });
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
