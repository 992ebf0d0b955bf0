import path from 'node:path';
import { parseArgs } from 'node:util';
import { type LocalConfig, LocalError, readLocalConfig, runCommand, stopSignal, table } from '@darkroom/local';
import { check } from './check/check.js';
import { recordState } from './state/record.js';
import { builtVersion, thisVersion, type Version } from './version.js';

const help = `npm run upgrade -- COMMAND --from REF

Works with an earlier version of this repository, which is checked out and built in .darkroom/versions.

  check                   let that version and this one take each other's place under load, service by service, and tell whether
                          anything that clients were told is lost, doubled or charged wrongly; about five minutes
    --seed N                another one draws other requests (1)
  record --out FOLDER     let that version work, kill all of it in the middle, and write down what it leaves, for the specs

  --from REF              a commit, branch or tag
`;

const say = (line: string) => process.stderr.write(`${line}\n`);

async function checked(config: LocalConfig, older: Version, seed: string, signal: AbortSignal): Promise<number> {
  if (!/^[1-9]\d{0,8}$/.test(seed)) throw new LocalError(`--seed is "${seed}": it must be a whole number from 1 on.`);
  const newer = await thisVersion(config.root);
  const figures = await check({ config, older, newer, seed: Number(seed), signal, say });
  const rows = figures.map(({ name, value, isWrong }) => [name, String(value), isWrong ? 'WRONG' : '']);
  process.stdout.write(
    `${older.commit.slice(0, 7)} and ${newer.commit.slice(0, 7)}\n${table([['figure', 'value', ''], ...rows], [1])}\n`,
  );
  return figures.some(({ isWrong }) => isWrong) ? 1 : 0;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      out: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const { from, out, seed } = values;
  const [command, ...more] = positionals;
  const isCheck = command === 'check' && out === undefined;
  const isRecord = command === 'record' && out !== undefined && seed === undefined;
  if (from === undefined || more.length > 0 || !(isCheck || isRecord)) throw new LocalError(help);
  const config = readLocalConfig();
  const signal = stopSignal();
  say(`Building ${from} …`);
  const version = await builtVersion(config.root, from);
  if (isCheck) return await checked(config, version, seed ?? '1', signal);
  const folder = path.resolve(config.workingDir, out ?? '');
  await recordState({ config, version, out: folder, signal });
  process.stdout.write(`What ${version.commit} left is in ${folder}\n`);
  return 0;
}

await runCommand(main);
process.exit();
