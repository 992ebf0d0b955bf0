import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { LocalError } from '@darkroom/local';

const run = promisify(execFile);

/** A built checkout of one commit. */
export interface Version {
  readonly commit: string;
  readonly root: string;
}

/**
 * Checks a commit out beside this one, in a folder of its own that is kept for the next time, and builds it with its own lock file.
 *
 * @param ref a commit, branch or tag of this repository.
 * @throws LocalError when there is no such commit here, as in a shallow clone.
 */
export async function builtVersion(root: string, ref: string): Promise<Version> {
  const git = (...args: string[]) => run('git', ['-C', root, ...args]);
  const found = await git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`).catch((cause: unknown) => {
    const message = `This clone has no commit "${ref}": name another one, or fetch the history with \`git fetch --unshallow\`.`;
    throw new LocalError(message, { cause });
  });
  const commit = found.stdout.trim();
  const folder = path.join(root, '.darkroom/versions', commit);
  if (!existsSync(folder)) await git('worktree', 'add', '--detach', folder, commit);
  await run(process.execPath, ['tools/local/bootstrap.mjs', 'setup'], { cwd: folder });
  return { commit, root: folder };
}

/** Returns the checkout that this command is part of, as it is. */
export async function thisVersion(root: string): Promise<Version> {
  const { stdout } = await run('git', ['-C', root, 'rev-parse', 'HEAD']);
  return { commit: stdout.trim(), root };
}
