import { runCommand } from './command.js';
import { environmentHelp, readLocalConfig } from './config.js';
import { type ApiKey, ControlPlaneClient, type Tenant } from './control-plane-client.js';
import { type KeysCommand, parseKeysCommand } from './keys-options.js';
import { stopSignal } from './stop-signal.js';
import { table } from './table.js';
import { usePlatform } from './use-platform.js';

const help = `npm run keys -- COMMAND

  create [OPTIONS]        make an API key (and the tenant, if it's new); the secret is printed once
    --name NAME             what to call it (unnamed)
    --tenant TENANT         whose it is (default)
    --scopes LIST           what it is for, with commas: generate, read, usage, webhooks (all)
    --expires-in-days N     when it ends (never)
    --requests-per-minute N limit of this key alone, within its tenant's (none)
  list                    all keys, without their secrets
  revoke ID               make a key useless from now on
  tenants                 all tenants, with their limits
  limit TENANT [OPTIONS]  change what a tenant may have; "none" takes a limit away
    --requests-per-minute N
    --compute-per-minute N  compute units: pixels x steps x guidance passes
    --compute-per-month N
    --concurrent N          generations that may wait or run at a time
    --weight W              share of compute beside other tenants (1)
    --models LIST           models that it may use, with commas (all)

${environmentHelp}
`;

function keyTable(keys: readonly ApiKey[]): string {
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.prefix,
    key.tenant,
    key.scopes.join(','),
    key.created_at,
    key.expires_at ?? '',
    key.last_used_at ?? '',
    key.revoked_at ?? '',
  ]);
  return table([['id', 'name', 'begins with', 'tenant', 'scopes', 'created', 'expires', 'last used', 'revoked'], ...rows]);
}

function tenantTable(tenants: readonly Tenant[]): string {
  const rows = tenants.map((tenant) => [
    tenant.id,
    tenant.name,
    String(tenant.weight ?? 1),
    ...[tenant.requests_per_minute, tenant.compute_units_per_minute, tenant.compute_units_per_month].map(
      (limit) => `${limit ?? ''}`,
    ),
    `${tenant.concurrent_generations ?? ''}`,
    tenant.models?.join(',') ?? '',
  ]);
  const head = ['id', 'name', 'weight', 'requests/min', 'compute/min', 'compute/month', 'concurrent', 'models'];
  return table([head, ...rows]);
}

async function run(client: ControlPlaneClient, command: Exclude<KeysCommand, { name: 'help' }>): Promise<string> {
  switch (command.name) {
    case 'create': {
      const { tenant } = command.key;
      if (tenant !== undefined) await client.ensureTenant(tenant);
      const key = await client.createKey(command.key);
      return `${key.secret}\n\nThis is key ${key.id} of tenant ${key.tenant}. Keep it safe: only its digest is stored.`;
    }
    case 'list':
      return keyTable(await client.listKeys());
    case 'revoke':
      await client.revokeKey(command.id);
      return `Key ${command.id} is revoked.`;
    case 'tenants':
      return tenantTable(await client.listTenants());
    case 'limit':
      return tenantTable([await client.changeTenant(command.tenant, command.change)]);
  }
}

async function main(): Promise<number> {
  const command = parseKeysCommand(process.argv.slice(2));
  if (command.name === 'help') {
    process.stdout.write(help);
    return command.isWanted ? 0 : 1;
  }
  const signal = stopSignal();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const options = { command: 'keys', signal, say, only: ['control-plane'] };
  const output = await usePlatform(readLocalConfig(), options, ({ controlPlaneUrl, adminToken }) =>
    run(new ControlPlaneClient(controlPlaneUrl, adminToken), command),
  );
  process.stdout.write(`${output}\n`);
  return 0;
}

await runCommand(main);
process.exit();
