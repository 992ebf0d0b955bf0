import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Returns the secret that signs image URLs, making it once and keeping it in the state folder, readable by this user alone. */
export async function keptSecret(stateDir: string): Promise<string> {
  const path = join(stateDir, 'file-url-secret');
  await mkdir(stateDir, { recursive: true });
  try {
    const secret = randomBytes(32).toString('base64url');
    await writeFile(path, secret, { flag: 'wx', mode: 0o600 });
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return await readFile(path, 'utf8');
  }
}
