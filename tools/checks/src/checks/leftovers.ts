import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Check, verdict } from '../run/check.js';
import { runCommand } from '../run/command.js';

/** Words that say that something is unfinished. They are put together here so that this file doesn't find itself. */
const unfinished = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK', 'XX' + 'X'].join('|')})\\b|not ${'implemented'}`);

const sources = ['*.ts', '*.tsx', '*.mjs', '*.py', '*.proto', '*.sql'];

/** Checks that no source says that it is unfinished. */
export function leftoversCheck(root: string): Check {
  return {
    name: 'nothing left unfinished',
    run: async () => {
      const args = ['ls-files', '--cached', '--others', '--exclude-standard', ...sources];
      const { code, stdout, output } = await runCommand('git', args, { cwd: root, timeoutMs: 30_000 });
      if (code !== 0) throw new Error(`git can't list the sources: ${output}`);
      const files = [...new Set(stdout.split('\n'))].filter((name) => name !== '' && !name.includes('/generated/'));
      const found = (await Promise.all(files.map((file) => search(root, file)))).flat();
      return verdict(found.length === 0, found.join('\n'), `${files.length} files`);
    },
  };
}

async function search(root: string, file: string): Promise<readonly string[]> {
  // A file that is deleted but not yet committed is still listed.
  const text = await readFile(path.join(root, file), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line, index) => (unfinished.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : []));
}
