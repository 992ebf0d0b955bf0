import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workspaceRoot } from '../workspace/root.js';
import { compareGenerated, compareWithHistory } from './protos.js';

let folder: string;
let root: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'darkroom-protos-spec-'));
  root = path.join(folder, 'repository');
  mkdirSync(root);
  for (const name of ['proto', 'buf.yaml', 'buf.gen.yaml', 'libs/contracts/src/generated']) {
    cpSync(path.join(workspaceRoot, name), path.join(root, name), { recursive: true });
  }
  symlinkSync(path.join(workspaceRoot, 'node_modules'), path.join(root, 'node_modules'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const errorProto = 'proto/darkroom/errors/v1/error.proto';

function edit(file: string, before: string, after: string): void {
  const text = readFileSync(path.join(root, file), 'utf8');
  expect(text).toContain(before);
  writeFileSync(path.join(root, file), text.replace(before, after));
}

function git(...args: string[]): void {
  const identity = [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@example.org',
    '-c',
    'commit.gpgsign=false',
    '-c',
    'core.hooksPath=/dev/null',
  ];
  execFileSync('git', [...identity, ...args], { cwd: root, stdio: 'pipe' });
}

function commit(): void {
  git('add', 'proto', 'buf.yaml');
  git('commit', '-q', '--allow-empty', '-m', 'x');
}

function workFolder(): string {
  return mkdtempSync(path.join(folder, 'work-'));
}

describe('compareGenerated', () => {
  it('accepts what proto/ says', async () => {
    expect(await compareGenerated(root, workFolder())).toMatchObject({ passed: 1, failed: 0 });
  });

  it('names a file that was edited, one that is missing and one that is left over', async () => {
    const generated = path.join(root, 'libs/contracts/src/generated');
    appendFileSync(path.join(generated, 'darkroom/errors/v1/error.ts'), '// edited\n');
    rmSync(path.join(generated, 'darkroom/tensor/v1/tensor.ts'));
    writeFileSync(path.join(generated, 'old.ts'), '');
    const { failed, detail } = await compareGenerated(root, workFolder());
    expect(failed).toBe(1);
    for (const name of ['errors/v1/error.ts', 'tensor/v1/tensor.ts', 'old.ts']) expect(detail).toContain(name);
    expect(detail.split('\n')).toHaveLength(3);
  });
});

describe('compareWithHistory', () => {
  it('has nothing to compare outside of a repository and before the first commit', async () => {
    expect(await compareWithHistory(root, workFolder())).toMatchObject({ failed: 0, note: 'no earlier protos to compare with' });
    git('init', '-q', '-b', 'main');
    expect(await compareWithHistory(root, workFolder())).toMatchObject({ failed: 0, note: 'no earlier protos to compare with' });
  });

  it('accepts an added field and refuses a changed one, committed or not', async () => {
    git('init', '-q', '-b', 'main');
    commit();
    edit(errorProto, 'double retry_after_s = 5;', 'double retry_after_s = 5;\n  string hint = 99;');
    expect(await compareWithHistory(root, workFolder())).toMatchObject({ failed: 0 });
    commit();
    edit(errorProto, 'string message = 2;', 'bytes message = 2;');
    expect(await compareWithHistory(root, workFolder())).toMatchObject({ failed: 1 });
    commit();
    const { failed, detail } = await compareWithHistory(root, workFolder());
    expect(failed).toBe(1);
    expect(detail).toContain('error.proto');
  });

  it('compares a branch with the main branch of its origin, however many commits ago that was', async () => {
    git('init', '-q', '-b', 'main');
    commit();
    git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    edit(errorProto, 'string param = 3;', '');
    commit();
    commit();
    expect(await compareWithHistory(root, workFolder())).toMatchObject({ failed: 1 });
  });
});
