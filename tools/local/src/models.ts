import { bringModel } from './bring-model.js';
import { runCommand } from './command.js';
import { environmentHelp, type LocalConfig, readLocalConfig } from './config.js';
import { ControlPlaneClient } from './control-plane-client.js';
import { type ModelsCommand, parseModelsCommand } from './models-options.js';
import { stopSignal } from './stop-signal.js';
import { table } from './table.js';
import { usePlatform } from './use-platform.js';

const help = `npm run models -- COMMAND

  list                    the models that are registered, offered or run
  register FOLDER         check a model file by file, put it into MODELS_DIR, and register its revision; FOLDER may be
                          the URL of one: s3://bucket/folder, https://host/folder
    --name NAME           by which clients will ask for it (the folder's)
    --digest sha256:…     of its digests.json; needed with a URL
    --required            gateways that have another revision don't offer the model
  unregister NAME         take that back; files stay

A model that was put there is served after the next start of the platform.

${environmentHelp}
`;

type Work = Exclude<ModelsCommand, { name: 'help' }>;

async function run(config: LocalConfig, client: ControlPlaneClient, command: Work): Promise<string> {
  switch (command.name) {
    case 'list': {
      const rows = (await client.listModels()).map(({ name, state, digest, workers, registration }) => [
        name,
        state,
        digest ?? '',
        String(workers ?? ''),
        registration?.standing ?? '',
        registration?.source ?? '',
      ]);
      return table([['name', 'state', 'digest', 'workers', 'registered', 'source'], ...rows]);
    }
    case 'register': {
      const { name, digest, source } = await bringModel(config, command);
      const { registration } = await client.registerModel(name, { digest, source, required: command.isRequired });
      const next = registration?.standing === 'served' ? '' : ` It is served after the next start of the platform.`;
      return `Every file of ${name} is as its digests say, and it is registered: ${digest}.${next}`;
    }
    case 'unregister':
      await client.unregisterModel(command.model);
      return `${command.model} is registered no more; its files are where they were.`;
  }
}

async function main(): Promise<number> {
  const command = parseModelsCommand(process.argv.slice(2));
  if (command.name === 'help') {
    process.stdout.write(help);
    return command.isWanted ? 0 : 1;
  }
  const config = readLocalConfig();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const options = { command: 'models', signal: stopSignal(), say, only: ['control-plane'] };
  const output = await usePlatform(config, options, ({ controlPlaneUrl, adminToken }) =>
    run(config, new ControlPlaneClient(controlPlaneUrl, adminToken), command),
  );
  process.stdout.write(`${output}\n`);
  return 0;
}

await runCommand(main);
process.exit();
