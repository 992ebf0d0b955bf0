import { parseArgs } from 'node:util';
import { runCommand } from './command.js';
import { environmentHelp, LocalError, readLocalConfig } from './config.js';
import { type ApiKey, ControlPlaneClient } from './control-plane-client.js';
import { stopSignal } from './stop-signal.js';
import { table } from './table.js';
import { usePlatform } from './use-platform.js';

const help = `npm run keys -- COMMAND

  create [--name NAME] [--tenant TENANT]   make an API key (and the tenant, if it's new); the secret is printed once
  list                                     all keys, without their secrets
  revoke ID                                make a key useless from now on

${environmentHelp}
`;

function keyTable(keys: readonly ApiKey[]): string {
  const rows = keys.map((key) => [key.id, key.name, key.prefix, key.tenant, key.created_at, key.revoked_at ?? '']);
  return table([['id', 'name', 'begins with', 'tenant', 'created', 'revoked'], ...rows]);
}

async function run(
  client: ControlPlaneClient,
  command: string,
  id: string | undefined,
  values: { name?: string; tenant?: string },
): Promise<string> {
  switch (command) {
    case 'create': {
      if (values.tenant !== undefined) await client.ensureTenant(values.tenant);
      const key = await client.createKey({
        name: values.name ?? 'unnamed',
        ...(values.tenant === undefined ? {} : { tenant: values.tenant }),
      });
      return `${key.secret}\n\nThis is key ${key.id} of tenant ${key.tenant}. Keep it safe: only its digest is stored.`;
    }
    case 'list':
      return keyTable(await client.listKeys());
    case 'revoke':
      if (id === undefined) throw new LocalError('Which key? `npm run keys -- list` shows the ids.');
      await client.revokeKey(id);
      return `Key ${id} is revoked.`;
    default:
      throw new LocalError(`Unknown command "${command}".\n\n${help}`);
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: { type: 'string' }, tenant: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const [command, id, ...more] = positionals;
  if (values.help === true || command === undefined) {
    process.stdout.write(help);
    return values.help === true ? 0 : 1;
  }
  if (more.length > 0) throw new LocalError(`Too many arguments: ${more.join(' ')}.`);
  const signal = stopSignal();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const options = { command: 'keys', signal, say, only: ['control-plane'] };
  const output = await usePlatform(readLocalConfig(), options, ({ controlPlaneUrl, adminToken }) =>
    run(new ControlPlaneClient(controlPlaneUrl, adminToken), command, id, values),
  );
  process.stdout.write(`${output}\n`);
  return 0;
}

await runCommand(main);
process.exit();
