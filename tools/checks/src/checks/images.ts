import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Add, Cmd, Copy, DockerfileParser, Entrypoint, Env, type Instruction, Run, User } from 'dockerfile-ast';
import { type Check, verdict } from '../run/check.js';
import { runCommand } from '../run/command.js';

/** Checks that what images are built from is pinned, and that what runs in them is not root. */
export function imagesCheck(root: string): Check {
  return {
    name: 'Dockerfiles are pinned and not root',
    run: async () => {
      const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--', '*Dockerfile', '*.Dockerfile'];
      const { code, stdout, output } = await runCommand('git', args, { cwd: root, timeoutMs: 30_000 });
      if (code !== 0) throw new Error(`git can't list the Dockerfiles: ${output}`);
      const files = stdout.split('\n').filter((name) => name !== '');
      const findings = files.map(async (file) =>
        dockerfileFindings(await readFile(path.join(root, file), 'utf8')).map((finding) => `${file}:${finding}`),
      );
      const found = (await Promise.all(findings)).flat();
      return verdict(files.length > 0 && found.length === 0, found.join('\n'), `${files.length} files`);
    },
  };
}

/** Reports, by line, what a Dockerfile does that it should not. */
export function dockerfileFindings(text: string): readonly string[] {
  const dockerfile = DockerfileParser.parse(text);
  const findings: string[] = [];
  const find = (instruction: Instruction, what: string) => findings.push(`${instruction.getRange().start.line + 1}: ${what}`);

  const froms = dockerfile.getFROMs();
  const stages = new Set(froms.map((from) => from.getBuildStage()).filter((name) => name !== null));
  const used = new Set(froms.map((from) => from.getImage()));
  for (const from of froms) {
    const image = from.getImageName() ?? '';
    const isPinned = from.getImageDigest() !== null || /\d/.test(from.getImageTag() ?? '');
    if (!stages.has(image) && image !== 'scratch' && !isPinned) find(from, `${image} must be pinned by a version or a digest`);
  }
  for (const instruction of dockerfile.getInstructions()) {
    if (instruction instanceof Copy) {
      for (const flag of instruction.getFlags()) if (flag.getName() === 'from') used.add(flag.getValue());
    }
    if (instruction instanceof Add) find(instruction, 'ADD may fetch or unpack what nobody checked; use COPY');
    if (instruction instanceof Run && /\b(curl|wget)\b/.test(instruction.getArgumentsContent() ?? '')) {
      find(instruction, 'nothing is fetched by curl or wget: nobody checks its digest');
    }
    if (
      instruction instanceof Env &&
      instruction.getProperties().some((one) => /secret|token|password|_key$/i.test(one.getName()))
    ) {
      find(instruction, 'a secret in ENV stays in the image');
    }
  }

  // What no other stage builds on is what runs.
  froms.forEach((from, index) => {
    const name = from.getBuildStage();
    if (name !== null && used.has(name)) return;
    const begin = from.getRange().start.line;
    const end = froms[index + 1]?.getRange().start.line ?? Number.POSITIVE_INFINITY;
    const lineOf = (one: Instruction) => one.getRange().start.line;
    checkFinalStage(
      from,
      dockerfile.getInstructions().filter((one) => lineOf(one) >= begin && lineOf(one) < end),
      find,
    );
  });
  return findings;
}

function checkFinalStage(from: Instruction, own: readonly Instruction[], find: (at: Instruction, what: string) => void): void {
  const user =
    own
      .filter((one) => one instanceof User)
      .at(-1)
      ?.getArgumentsContent() ?? '0';
  // A name can't be told from root by Kubernetes' runAsNonRoot, nor without the image's own list of users.
  if (!/^[1-9]\d*(:[1-9]\d*)?$/.test(user)) find(from, 'must end as a USER by number who is not root');
  const start = own.filter((one) => one instanceof Entrypoint || one instanceof Cmd);
  if (start.length === 0) find(from, 'must say what it runs, by ENTRYPOINT or CMD');
  for (const one of start) {
    if (!(one.getArgumentsContent() ?? '').startsWith('[')) find(one, 'a shell would not pass signals on; write a JSON list');
  }
  for (const one of own.filter((each) => each instanceof Copy)) {
    if (one.getFlags().every((flag) => flag.getName() !== 'chown')) find(one, 'must say to whom the files belong, by --chown');
  }
}
