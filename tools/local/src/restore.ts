import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Backup, keptSecrets, readBackup } from './backup/backup-file.js';
import { assertKnownMigration, unpackDatabase } from './backup/restored-database.js';
import { runCommand } from './command.js';
import { environmentHelp, type LocalConfig, LocalError, readLocalConfig } from './config.js';
import { ControlPlaneClient } from './control-plane-client.js';
import { claimState, releaseState } from './run-file.js';
import { stopSignal } from './stop-signal.js';
import { usePlatform } from './use-platform.js';

const help = `npm run restore -- --from FILE [--force]

Puts a back-up of the embedded database, and the secrets in it, where a platform finds them, and verifies the audit log.

  --from FILE   what \`npm run backup\` wrote
  --force       also where the state folder has a database or secrets already: those are kept beside it, under another name

${environmentHelp}
`;

async function readFrom(file: string, root: string): Promise<Backup> {
  try {
    const backup = await readBackup(readFileSync(file));
    assertKnownMigration(root, backup.manifest);
    return backup;
  } catch (error) {
    if (error instanceof LocalError) throw new LocalError(`${file} is not restored. ${error.message}`, { cause: error });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined) throw new LocalError(`${file} can't be read (${code}).`, { cause: error });
    throw error;
  }
}

/** Puts a back-up in place; what was there before is moved aside, once all of the back-up has proved to be right. */
async function put(backup: Backup, { stateDir }: LocalConfig, force: boolean): Promise<void> {
  const present = ['database', ...keptSecrets].filter((name) => existsSync(path.join(stateDir, name)));
  if (present.length > 0 && !force) {
    throw new LocalError(
      `${stateDir} is in use: it has ${present.join(', ')}. Choose an empty DARKROOM_STATE_DIR, or say --force to replace them.`,
    );
  }
  const database = path.join(stateDir, 'database');
  const draft = `${database}.restoring`;
  await unpackDatabase(draft, backup);
  const aside = `.replaced-${new Date().toISOString().replaceAll(':', '-')}`;
  const place = (name: string) => {
    const file = path.join(stateDir, name);
    if (existsSync(file)) renameSync(file, file + aside);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    return file;
  };
  renameSync(draft, place('database'));
  chmodSync(database, 0o700);
  for (const [name, secret] of backup.secrets) writeFileSync(place(name), secret, { mode: 0o600 });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { from: { type: 'string' }, force: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  if (values.from === undefined) throw new LocalError(`Say which back-up.\n\n${help}`);
  const config = readLocalConfig();
  if (config.environment['DATABASE_URL'])
    throw new LocalError('DATABASE_URL names a PostgreSQL server: restore that one with pg_restore, or unset it.');
  const backup = await readFrom(path.resolve(config.workingDir, values.from), config.root);
  claimState(config.stateDir);
  try {
    await put(backup, config, values.force === true);
  } finally {
    releaseState(config.stateDir);
  }
  const { audit, created_at } = backup.manifest;
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const options = { command: 'restore', signal: stopSignal(), say, only: ['control-plane'] };
  const { intact, problems } = await usePlatform(config, options, ({ controlPlaneUrl, adminToken }) => {
    const anchor = audit.entries === 0 ? {} : { sequence: `${audit.entries}`, hash: audit.hash };
    return new ControlPlaneClient(controlPlaneUrl, adminToken).verifyAudit(anchor);
  });
  if (!intact) {
    const lines = problems.map(({ sequence, what }) => `  entry ${sequence}: ${what}`).join('\n');
    process.stderr.write(`The database is restored, and its audit log is not as it was written:\n${lines}\n`);
    return 1;
  }
  process.stdout.write(
    `The database of ${created_at} is restored in ${config.stateDir}, with ${backup.secrets.size} secrets; its audit log is intact, ${audit.entries} entries.\n`,
  );
  return 0;
}

await runCommand(main);
process.exit();
