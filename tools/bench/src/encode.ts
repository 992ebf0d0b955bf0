import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PromptEncoderServiceService } from '@darkroom/contracts';
import { readRunRecord, residentBytes } from '@darkroom/local';
import { type GrpcClient, GrpcConnection } from '@darkroom/service-kit';
import type { BenchContext, Benchmark } from './benchmark.js';
import { below, type Figure, median, plain } from './figures.js';

const CALL_MS = 60_000;
const RUNS = 3;
/** After this long without work the encoder has given its memory back. */
const IDLE_MS = 12_000;

type Encoder = GrpcClient<typeof PromptEncoderServiceService>;

/** Builds a prompt of exactly as many tokens as the model takes, different for each `variant` so that no cache knows it. */
async function longestPrompt(encoder: Encoder, model: string, variant: number): Promise<{ prompt: string; tokens: number }> {
  const phrase = `a picture number ${variant} of a red apple left of a blue square on a yellow background, `;
  const count = async (prompt: string) => encoder.countTokens({ model, prompt });
  const one = (await count(phrase.repeat(100))).tokenCount / 100;
  const { maxTokens } = await count(phrase);
  let prompt = phrase.repeat(Math.floor((maxTokens - 200) / one));
  let tokens = (await count(prompt)).tokenCount;
  while (tokens < maxTokens) {
    prompt += ' a'.repeat(maxTokens - tokens);
    tokens = (await count(prompt)).tokenCount;
  }
  return { prompt, tokens };
}

/** The most memory a process ever held, in bytes. */
function peakBytes(pid: number): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

async function run(context: BenchContext): Promise<Figure[]> {
  return context.withPlatform(async ({ gatewayUrl, apiKey }) => {
    const listed = await fetch(`${gatewayUrl}/v1/models`, { headers: { authorization: `Bearer ${apiKey}` } });
    const model = ((await listed.json()) as { data: { id: string }[] }).data[0]?.id ?? '';
    const service = readRunRecord(context.config.stateDir)?.services.find(({ name }) => name === 'prompt-encoder');
    if (service?.grpcAddress === undefined || service.pid === undefined) throw new Error('run.json names no prompt encoder');
    const connection = new GrpcConnection({ address: service.grpcAddress, name: 'prompt-encoder', timeoutMs: CALL_MS });
    const encoder = connection.client(PromptEncoderServiceService);
    try {
      const seconds: number[] = [];
      const kernels: number[] = [];
      let length = 0;
      for (let index = 0; index < RUNS; index++) {
        const { prompt, tokens } = await longestPrompt(encoder, model, index);
        const startedAt = performance.now();
        const { kernelMs } = await encoder.encode({ model, prompt });
        seconds.push((performance.now() - startedAt) / 1000);
        kernels.push(kernelMs / 1000);
        length = tokens;
        context.say(
          `run ${index + 1}/${RUNS}: ${tokens} tokens in ${seconds.at(-1)?.toFixed(2)} s, kernels ${kernels.at(-1)?.toFixed(2)} s`,
        );
      }
      const peak = peakBytes(service.pid);
      await sleep(IDLE_MS);
      return [
        below('longest prompt encoded, median of 3', median(seconds), 's', 5),
        plain('of which kernels', median(kernels), 's'),
        below('peak resident memory of the prompt encoder', peak / 2 ** 20, 'MiB', 1024),
        plain('resident memory 12 s later', (residentBytes(service.pid) ?? Number.NaN) / 2 ** 20, 'MiB'),
        plain('length', length, 'tokens'),
      ];
    } finally {
      connection.close();
    }
  });
}

/** How fast the longest allowed prompt becomes conditioning. */
export const encode: Benchmark = {
  name: 'encode',
  summary: 'a prompt of the greatest allowed length (32,768 tokens) through the prompt encoder',
  run,
};
