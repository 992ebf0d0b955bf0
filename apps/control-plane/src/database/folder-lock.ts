import { readFile, rm, writeFile } from 'node:fs/promises';

/**
 * Marks a folder as this process's own and returns what unmarks it; a mark left by a process that has died is taken over.
 *
 * @throws {Error} Thrown when another living process has it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  // Beside the folder, for PostgreSQL refuses a data folder with strangers in it.
  const path = `${folder}.lock`;
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (owner !== process.pid && isAlive(owner)) {
      throw new Error(`${folder} is in use by process ${owner}; stop that one first, or set another DARKROOM_STATE_DIR`);
    }
    await rm(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
