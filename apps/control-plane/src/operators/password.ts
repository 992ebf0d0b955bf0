import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** One of OWASP's settings for scrypt (Password Storage Cheat Sheet), of which this takes 32 MiB. */
const cost = { N: 2 ** 15, r: 8, p: 3 } as const;
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** Makes a password that nobody can guess: 120 random bits. */
export function newPassword(): string {
  return randomBytes(15).toString('base64url');
}

/** Returns what is kept of a password: scrypt's hash (RFC 7914) with its parameters and a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return written(salt, await scryptOf(password, salt, cost));
}

/** Returns what is kept of no password at all, which takes as long to compare with. */
export function decoyHash(): string {
  return written(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));
}

/**
 * Tells whether a password is the one that a hash was made of.
 *
 * @throws Error when the hash is none of ours.
 */
export async function isPassword(password: string, kept: string): Promise<boolean> {
  const [scheme, N, r, p, salt = '', hash = ''] = kept.split('$');
  if (scheme !== 'scrypt') throw new Error('a password hash of an unknown kind');
  const wanted = Buffer.from(hash, 'base64url');
  const found = await scryptOf(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) });
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

function written(salt: Buffer, hash: Buffer): string {
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

function scryptOf(password: string, salt: Buffer, { N, r, p }: { N: number; r: number; p: number }): Promise<Buffer> {
  // The same letters can be written in several ways; NFKC makes them one (NIST SP 800-63B).
  return derive(password.normalize('NFKC'), salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r });
}
