import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decoyHash, hashPassword, isPassword, newPassword } from './password.js';

describe('passwords', () => {
  it('are known again, however their letters are written', async () => {
    const kept = await hashPassword('caf\u00e9 au lait');
    expect(await isPassword('cafe\u0301 au lait', kept)).toBe(true);
    expect(await isPassword('cafe au lait', kept)).toBe(false);
  });

  it('are kept as scrypt makes them, each with a salt of its own', async () => {
    const [first, second] = [await hashPassword('password'), await hashPassword('password')];
    expect(first).not.toBe(second);
    const [scheme, N, r, p, salt = '', hash] = first.split('$');
    expect([scheme, N, r, p]).toEqual(['scrypt', '32768', '8', '3']);
    const options = { N: 32768, r: 8, p: 3, maxmem: 2 ** 27 };
    expect(hash).toBe(scryptSync('password', Buffer.from(salt, 'base64url'), 32, options).toString('base64url'));
  });

  it('that were kept with other parameters are still known: RFC 7914, section 12', async () => {
    const salt = Buffer.from('NaCl').toString('base64url');
    const hash = 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162';
    const kept = `scrypt$1024$8$16$${salt}$${Buffer.from(hash, 'hex').toString('base64url')}`;
    expect(await isPassword('password', kept)).toBe(true);
    await expect(isPassword('password', 'md5$x')).rejects.toThrow('unknown kind');
  });

  it('are none where there is nobody, though it has the form of one', async () => {
    expect(decoyHash()).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
    expect(await isPassword('password', decoyHash())).toBe(false);
  });

  it('are made at random', () => {
    expect(newPassword()).toMatch(/^[\w-]{20}$/);
    expect(newPassword()).not.toBe(newPassword());
  });
});
