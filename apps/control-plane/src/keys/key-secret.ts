import { createHash, randomBytes } from 'node:crypto';

const PREFIX = 'dk_';
const SECRET = /^dk_[A-Za-z0-9_-]{43}$/;

/** Makes the secret of an API key: 256 random bits. */
export function newKeySecret(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

/** Tells whether a text has the form of a secret, so that nonsense needs no look into the database. */
export function looksLikeKeySecret(text: string): boolean {
  return SECRET.test(text);
}

/** Returns what is stored of a secret. A plain hash is enough for 256 random bits: there is nothing to guess. */
export function hashKeySecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Returns the part of a secret that may be shown, so that people can tell their keys apart. */
export function shownPrefix(secret: string): string {
  return secret.slice(0, PREFIX.length + 6);
}
