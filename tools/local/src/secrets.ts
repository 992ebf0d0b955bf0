import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** File with the API key that the first start creates. */
export function apiKeyFile(stateDir: string): string {
  return path.join(stateDir, 'api-key');
}

/** File with the password of the operator that the first start makes. */
export function dashboardPasswordFile(stateDir: string): string {
  return path.join(stateDir, 'dashboard-password');
}

/** Reads a one-line secret; undefined when there is none yet. */
export function readSecret(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const secret = readFileSync(file, 'utf8').trim();
  return secret === '' ? undefined : secret;
}

/** Writes a secret so that only its owner can read it. */
export function writeSecret(file: string, secret: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
}

/** Reads a secret, or makes one of 256 random bits and keeps it. */
export function keptSecret(file: string): string {
  const kept = readSecret(file);
  if (kept !== undefined) return kept;
  const secret = randomBytes(32).toString('base64url');
  writeSecret(file, secret);
  return secret;
}
