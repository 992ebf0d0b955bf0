import { runCommand } from './command.js';
import { environmentHelp, LocalError, readLocalConfig } from './config.js';
import { ControlPlaneClient, type Operator } from './control-plane-client.js';
import { type OperatorsCommand, parseOperatorsCommand } from './operators-options.js';
import { stopSignal } from './stop-signal.js';
import { table } from './table.js';
import { usePlatform } from './use-platform.js';

const help = `npm run operators -- COMMAND

  list                    who may sign in to the dashboard with a password
  create NAME ROLE        make an operator: viewer, reviewer, operator or admin; the password is printed once
  role NAME ROLE          change a role
  reset NAME              make a new password, which is printed once
  disable NAME            let nobody sign in by that name any more
  enable NAME             let them again

${environmentHelp}
`;

function operatorTable(operators: readonly Operator[]): string {
  const rows = operators.map((one) => [
    one.id,
    one.name,
    one.role,
    one.created_at,
    one.last_sign_in_at ?? '',
    one.disabled_at ?? '',
  ]);
  return table([['id', 'name', 'role', 'created', 'last sign-in', 'disabled'], ...rows]);
}

async function idOf(client: ControlPlaneClient, name: string): Promise<string> {
  const found = (await client.listOperators()).find((one) => one.name === name || one.id === name);
  if (found !== undefined) return found.id;
  throw new LocalError(`There is no operator "${name}"; \`npm run operators -- list\` shows them.`);
}

async function run(client: ControlPlaneClient, command: Exclude<OperatorsCommand, { name: 'help' }>): Promise<string> {
  switch (command.name) {
    case 'list':
      return operatorTable(await client.listOperators());
    case 'create': {
      const { password } = await client.createOperator({ name: command.operator, role: command.role });
      return `${password}\n\nThis is the password of ${command.operator}. Keep it safe: only its digest is stored.`;
    }
    case 'reset': {
      const { password } = await client.resetOperator(await idOf(client, command.operator));
      return `${password}\n\nThis is the new password of ${command.operator}, who is signed out everywhere.`;
    }
    case 'role':
      return operatorTable([await client.changeOperator(await idOf(client, command.operator), { role: command.role })]);
    case 'disable':
    case 'enable': {
      const disabled = command.name === 'disable';
      return operatorTable([await client.changeOperator(await idOf(client, command.operator), { disabled })]);
    }
  }
}

async function main(): Promise<number> {
  const command = parseOperatorsCommand(process.argv.slice(2));
  if (command.name === 'help') {
    process.stdout.write(help);
    return command.isWanted ? 0 : 1;
  }
  const signal = stopSignal();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const options = { command: 'operators', signal, say, only: ['control-plane'] };
  const output = await usePlatform(readLocalConfig(), options, ({ controlPlaneUrl, adminToken }) =>
    run(new ControlPlaneClient(controlPlaneUrl, adminToken), command),
  );
  process.stdout.write(`${output}\n`);
  return 0;
}

await runCommand(main);
process.exit();
