import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationBody } from '@darkroom/contracts/http';
import { runCommand } from './command.js';
import { LocalError, readLocalConfig } from './config.js';
import { GatewayClient } from './gateway-client.js';
import { type GenerateOptions, generateHelp, parseGenerateOptions } from './generate-options.js';
import { ProgressLine } from './progress-line.js';
import { receiptTable } from './receipt-table.js';
import { isStopReason, stopSignal } from './stop-signal.js';
import { usePlatform } from './use-platform.js';

const POLL_MS = 100;

/** Waits until a generation has ended; one that the user waits for no more is cancelled. */
async function finished(client: GatewayClient, submitted: GenerationBody, line: ProgressLine): Promise<GenerationBody> {
  let generation = submitted;
  try {
    while (['queued', 'running', 'cancelling'].includes(generation.status)) {
      line.show(generation);
      await sleep(POLL_MS);
      generation = await client.generation(generation.id);
    }
    return generation;
  } catch (error) {
    if (isStopReason(error)) await client.cancel(generation.id);
    throw error;
  } finally {
    line.end();
  }
}

async function generate(client: GatewayClient, options: GenerateOptions): Promise<void> {
  const submitted = await client.submit(options.request, randomUUID());
  const generation = await finished(client, submitted, new ProgressLine(process.stderr));
  if (generation.status === 'cancelled') throw new LocalError('The generation was cancelled.');
  if (generation.status === 'failed')
    throw new LocalError(`The generation failed: ${generation.error?.message ?? 'the gateway gave no reason'}`);
  const images = await Promise.all((generation.data ?? []).map(({ url = '' }) => client.image(url)));
  for (const [index, file] of options.files.entries()) {
    const image = images[index];
    if (image === undefined)
      throw new LocalError(`The gateway returned ${images.length} images instead of ${options.files.length}.`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, image);
    process.stdout.write(`${file} (${image.length} bytes)\n`);
  }
  if (generation.receipt !== undefined && generation.receipt !== null)
    process.stdout.write(`\n${receiptTable(generation.receipt, generation.id)}\n`);
}

async function main(): Promise<number> {
  const config = readLocalConfig();
  const options = parseGenerateOptions(process.argv.slice(2), config.workingDir);
  if (options === undefined) {
    process.stdout.write(generateHelp);
    return 0;
  }
  const signal = stopSignal();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  await usePlatform(config, { command: 'generate', signal, say }, ({ gatewayUrl, apiKey }) =>
    generate(new GatewayClient(gatewayUrl, apiKey, signal), options),
  );
  return 0;
}

await runCommand(main);
process.exit();
