import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeBackup, readBackup, readSecrets } from './backup/backup-file.js';
import { runCommand } from './command.js';
import { environmentHelp, LocalError, readLocalConfig } from './config.js';
import { ControlPlaneClient } from './control-plane-client.js';
import { stopSignal } from './stop-signal.js';
import { mebibytes } from './table.js';
import { usePlatform } from './use-platform.js';

const help = `npm run backup -- --out FILE [--with-secrets]

Copies the embedded database (tenants, keys, usage, audit log, reviews, policies, webhooks) into a file, whether the platform runs or not.
Images and the queue are not in it.

  --out FILE       where to; a file that is there is not replaced
  --with-secrets   the state folder's keys and tokens too: whoever has the file can then act as the platform

${environmentHelp}
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { out: { type: 'string' }, 'with-secrets': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  if (values.out === undefined) throw new LocalError(`Say where the back-up goes.\n\n${help}`);
  const config = readLocalConfig();
  const file = path.resolve(config.workingDir, values.out);
  if (existsSync(file)) throw new LocalError(`${file} is there already; choose another name.`);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const options = { command: 'backup', signal: stopSignal(), say, only: ['control-plane'] };
  const made = await usePlatform(config, options, ({ controlPlaneUrl, adminToken }) =>
    new ControlPlaneClient(controlPlaneUrl, adminToken).backup(),
  );
  const backup = await readBackup(made);
  const secrets = values['with-secrets'] === true ? readSecrets(config.stateDir) : new Map<string, Buffer>();
  const bytes = await makeBackup({ ...backup, secrets });
  writeWhole(file, bytes);
  const { rows, audit } = backup.manifest;
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
  process.stdout.write(
    `${file}: ${mebibytes(bytes.length)}, ${total} rows, ${secrets.size} secrets; the audit log ends with ${audit.entries}:${audit.hash}\n`,
  );
  return 0;
}

/** Writes a file that only its owner can read, whole or not at all. */
function writeWhole(file: string, bytes: Uint8Array): void {
  const draft = `${file}.part`;
  try {
    writeFileSync(draft, bytes, { mode: 0o600, flush: true });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

await runCommand(main);
process.exit();
