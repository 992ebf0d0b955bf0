import path from 'node:path';
import { parseArgs } from 'node:util';
import { LocalError, readLocalConfig, runCommand, stopSignal } from '@darkroom/local';
import { recordState } from './state/record.js';
import { builtVersion } from './version.js';

const help = `npm run upgrade -- COMMAND --from REF

Works with an earlier version of this repository, which is checked out and built in .darkroom/versions.

  record --out FOLDER     let that version work, kill all of it in the middle, and write down what it leaves, for the specs

  --from REF              a commit, branch or tag
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { from: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const [command] = positionals;
  if (command !== 'record' || positionals.length > 1 || values.from === undefined || values.out === undefined)
    throw new LocalError(help);
  const config = readLocalConfig();
  const signal = stopSignal();
  process.stderr.write(`Building ${values.from} …\n`);
  const version = await builtVersion(config.root, values.from);
  const out = path.resolve(config.workingDir, values.out);
  await recordState({ config, version, out, signal });
  process.stdout.write(`What ${version.commit} left is in ${out}\n`);
  return 0;
}

await runCommand(main);
process.exit();
