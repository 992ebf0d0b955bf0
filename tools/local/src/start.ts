import { parseArgs } from 'node:util';
import { runCommand } from './command.js';
import { environmentHelp, readLocalConfig } from './config.js';
import { residentBytes } from './memory.js';
import { LocalPlatform } from './platform.js';
import { consoleEvents, readyReport, refusedKeyNotice } from './report.js';
import { aborted, stopSignal } from './stop-signal.js';

const help = `npm start

Starts the whole platform on this machine and keeps it running until Ctrl-C: redis, gateway, control-plane, moderator,
prompt-encoder, denoiser and vae-decoder, each as its own process on the loopback interface.

${environmentHelp}
`;

/** Tells whether the gateway refuses a key; one that it can't check at the moment isn't refused. */
async function isRefused(gatewayUrl: string, apiKey: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const status = await fetch(`${gatewayUrl}/v1/models`, { headers }).then(
    (response) => response.status,
    () => 0,
  );
  return status === 401;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const startedAt = Date.now() - process.uptime() * 1000;
  const signal = stopSignal();
  process.stderr.write('Starting Darkroom …\n');
  const platform = await LocalPlatform.start(readLocalConfig(), {
    startedBy: 'start',
    signal,
    // Someone who watches can mend a cause and see the service become ready.
    readyTimeoutMs: Number.POSITIVE_INFINITY,
    ...consoleEvents(),
  });
  if (!signal.aborted) {
    const [apiKey] = await Promise.all([platform.apiKey(), platform.ensureOperator()]);
    const seconds = (Date.now() - startedAt) / 1000;
    process.stdout.write(`${readyReport(platform, apiKey, seconds, residentBytes(process.pid))}\n`);
    if (await isRefused(platform.gatewayUrl, apiKey)) process.stderr.write(`\n${refusedKeyNotice(platform.config.stateDir)}\n`);
    await aborted(signal);
  }
  process.stderr.write('\nStopping …\n');
  await platform.stop();
  process.stderr.write('Stopped; no process is left.\n');
  return 0;
}

await runCommand(main);
process.exit();
