import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of a key, for AES-256 and HMAC-SHA256 alike. */
export const KEY_BYTES = 32;

/**
 * Returns a key of the state folder, making it once; only this user can read it.
 *
 * @throws Error when the file holds something else.
 */
export async function keptKey(stateDir: string, name: string): Promise<Buffer> {
  const path = join(stateDir, name);
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  try {
    const key = randomBytes(KEY_BYTES);
    await writeFile(path, key.toString('base64'), { flag: 'wx', mode: 0o600 });
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const key = Buffer.from(await readFile(path, 'utf8'), 'base64');
    if (key.length !== KEY_BYTES) throw new Error(`${path} must hold ${KEY_BYTES} bytes in base64`);
    return key;
  }
}
