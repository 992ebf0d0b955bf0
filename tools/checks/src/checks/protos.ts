import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Check, type Outcome, verdict } from '../run/check.js';
import { type CommandResult, runCommand } from '../run/command.js';

const generated = 'libs/contracts/src/generated';

/** Checks the protos: their style, their format, that the generated types are in step, and that no change breaks a reader. */
export function protoChecks(root: string): readonly Check[] {
  return [
    { name: 'protos: lint', run: () => buf(root, ['lint']) },
    { name: 'protos: format', run: () => buf(root, ['format', '--diff', '--exit-code', 'proto']) },
    { name: 'protos: generated types are in step', run: () => inTemporaryFolder((folder) => compareGenerated(root, folder)) },
    { name: 'protos: no breaking change', run: () => inTemporaryFolder((folder) => compareWithHistory(root, folder)) },
  ];
}

async function buf(root: string, args: readonly string[]): Promise<Outcome> {
  const { code, output } = await runCommand('buf', args, { cwd: root, timeoutMs: 60_000 });
  return verdict(code === 0, output);
}

/** Generates into a copy and reports each file that differs from the committed one. */
export async function compareGenerated(root: string, folder: string): Promise<Outcome> {
  for (const name of ['proto', 'buf.yaml', 'buf.gen.yaml'])
    await cp(path.join(root, name), path.join(folder, name), { recursive: true });
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const { code, output } = await runCommand('buf', ['generate'], { cwd: folder, timeoutMs: 60_000 });
  if (code !== 0) return verdict(false, output);
  const wanted = await readTree(path.join(folder, generated));
  const found = await readTree(path.join(root, generated));
  const differing = [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((name) => wanted.get(name) !== found.get(name))
    .sort();
  const detail = differing.map((name) => `${generated}/${name} is not what proto/ says; run \`npm run protos\` and commit`);
  return verdict(differing.length === 0, detail.join('\n'), `${wanted.size} files`);
}

/** Compares the protos with the last ones of the main branch, by buf's rules for messages that old readers must understand. */
export async function compareWithHistory(root: string, folder: string): Promise<Outcome> {
  const base = await findBase(root);
  if (base === undefined) return verdict(true, '', 'no earlier protos to compare with');
  const archive = path.join(folder, 'base.tar');
  const before = path.join(folder, 'before');
  await mkdir(before);
  for (const [command, args] of [
    ['git', ['archive', '--output', archive, base, 'proto', 'buf.yaml']],
    ['tar', ['-xf', archive, '-C', before]],
  ] as const) {
    const { code, output } = await runCommand(command, args, { cwd: root, timeoutMs: 60_000 });
    if (code !== 0) return verdict(false, output);
  }
  const { code, output } = await runCommand('buf', ['breaking', '--against', before], { cwd: root, timeoutMs: 60_000 });
  const help = 'A reader of any version must understand a message of any other: add fields, or a new package version.';
  return verdict(code === 0, `${output}\n${help}`, `against ${base.slice(0, 10)}`);
}

/**
 * Finds the commit to compare with: the main branch where this is another one, else the commit before this one.
 *
 * On a shallow clone, in a repository with one commit and without any repository there is nothing earlier; the last commit is
 * compared with the working tree then, or nothing is.
 */
async function findBase(root: string): Promise<string | undefined> {
  const head = await commitOf(root, 'HEAD');
  const main = await commitOf(root, 'origin/main');
  for (const candidate of [main === head ? undefined : main, await commitOf(root, 'HEAD^'), head]) {
    if (candidate === undefined) continue;
    const { code } = await git(root, ['cat-file', '-e', `${candidate}:proto`]);
    const { code: module } = await git(root, ['cat-file', '-e', `${candidate}:buf.yaml`]);
    if (code === 0 && module === 0) return candidate;
  }
  return undefined;
}

async function commitOf(root: string, name: string): Promise<string | undefined> {
  const { code, stdout } = await git(root, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
  return code === 0 ? stdout.trim() : undefined;
}

function git(root: string, args: readonly string[]): Promise<CommandResult> {
  return runCommand('git', args, { cwd: root, timeoutMs: 30_000 });
}

async function readTree(folder: string): Promise<Map<string, string>> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const entries = files
    .filter((file) => file.isFile())
    .map(async (file) => {
      const name = path.join(file.parentPath, file.name);
      return [path.relative(folder, name), await readFile(name, 'utf8')] as const;
    });
  return new Map(await Promise.all(entries));
}

async function inTemporaryFolder(run: (folder: string) => Promise<Outcome>): Promise<Outcome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'darkroom-protos-'));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
