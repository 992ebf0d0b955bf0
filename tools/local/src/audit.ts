import { type AuditCommand, parseAuditCommand } from './audit-options.js';
import { runCommand } from './command.js';
import { environmentHelp, readLocalConfig } from './config.js';
import { type AuditEntry, ControlPlaneClient, type Replay, type Verification } from './control-plane-client.js';
import { stopSignal } from './stop-signal.js';
import { table } from './table.js';
import { usePlatform } from './use-platform.js';

const help = `npm run audit -- COMMAND

  list [OPTIONS]          entries of the audit log of moderation, the newest first
    --tenant TENANT         of this tenant
    --generation ID         of this generation
    --stage STAGE           prompt, negative_prompt, input_image, partial_image, output_image
    --action ACTION         allow, warn, blur, block
    --category CATEGORY     a harm category
    --before NUMBER         before this entry
    --limit N               at most so many (100)
  show ID                 all that the log has of an entry
  verify [OPTIONS]        read the whole log, and tell whether every byte is as it was written
    --anchor NUMBER:HASH    what an earlier verify printed and you have kept elsewhere
  replay                  make every decision again from its findings and its policy, and tell whether all come out the same

${environmentHelp}
`;

/** What a command prints, and its exit status. */
interface Printed {
  readonly text: string;
  readonly status: number;
}

function entryTable(entries: readonly AuditEntry[]): string {
  const rows = entries.map(({ sequence, at, id, kind, decision, operator }) => [
    String(sequence),
    at,
    id,
    decision?.action ?? operator?.action ?? kind,
    decision?.stage ?? '',
    decision?.reason ?? decision?.category ?? (operator === undefined ? '' : `${operator.outcome}, ${operator.name}`),
    decision?.tenant ?? '',
    decision?.generation_id ?? '',
  ]);
  return table([['number', 'at', 'id', 'action', 'stage', 'reason', 'tenant', 'generation'], ...rows], [0]);
}

function verdictOn({ intact, entries, hash, problems }: Verification): Printed {
  const end = `${entries} entries; the last is ${entries}:${hash}`;
  if (intact) return { text: `The audit log is intact: ${end}`, status: 0 };
  const lines = problems.map(({ sequence, what }) => `  entry ${sequence}: ${what}`);
  return { text: `The audit log was changed: ${end}\n${lines.join('\n')}`, status: 1 };
}

function comparison({ decisions, same, different, unknown_policy, examples }: Replay): Printed {
  const lines = [
    `${decisions} decisions: ${same} the same, ${different} different, ${unknown_policy} by a policy that is not known`,
    ...examples.map((id) => `  ${id} comes out otherwise`),
  ];
  return { text: lines.join('\n'), status: same === decisions ? 0 : 1 };
}

async function run(client: ControlPlaneClient, command: Exclude<AuditCommand, { name: 'help' }>): Promise<Printed> {
  switch (command.name) {
    case 'list':
      return { text: entryTable(await client.listAudit(command.filter)), status: 0 };
    case 'show':
      return { text: JSON.stringify(await client.showAudit(command.id), undefined, 2), status: 0 };
    case 'replay':
      return comparison(await client.replayDecisions());
    case 'verify':
      return verdictOn(await client.verifyAudit(command.anchor));
  }
}

async function main(): Promise<number> {
  const command = parseAuditCommand(process.argv.slice(2));
  if (command.name === 'help') {
    process.stdout.write(help);
    return command.isWanted ? 0 : 1;
  }
  const signal = stopSignal();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  // With Redis, so that what waits there is taken over as well.
  const options = { command: 'audit', signal, say, only: ['redis', 'control-plane'] };
  const { text, status } = await usePlatform(readLocalConfig(), options, ({ controlPlaneUrl, adminToken }) =>
    run(new ControlPlaneClient(controlPlaneUrl, adminToken), command),
  );
  process.stdout.write(`${text}\n`);
  return status;
}

await runCommand(main);
process.exit();
