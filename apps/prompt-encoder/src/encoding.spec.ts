/** The prompt encoder as a service: real gRPC, the real pocket model. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PromptEncoderServiceService } from '@darkroom/contracts';
import { GrpcConnection, type RunningService, serve, startService } from '@darkroom/service-kit';
import { temporaryFolder } from '@darkroom/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { AppModule } from './app.module.js';
import { Config } from './config.js';
import { Encoding } from './encoding.js';

const models = fileURLToPath(new URL('../../../models', import.meta.url));
const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const work of cleanup.splice(0).reverse()) await work();
});

async function start(modelsDir = models): Promise<{ service: RunningService; connection: GrpcConnection }> {
  const service = await startService({
    config: Config,
    module: AppModule,
    services: (resolve) => [serve(PromptEncoderServiceService, resolve(Encoding))],
    environment: { HTTP_PORT: '0', LOG_LEVEL: 'silent', MODELS_DIR: modelsDir, MODELS: 'pocket', INTRA_OP_THREADS: '2' },
  });
  const connection = new GrpcConnection({ address: `127.0.0.1:${service.grpcPort}`, name: 'prompt-encoder', timeoutMs: 30_000 });
  cleanup.push(
    () => service.stop(),
    () => connection.close(),
  );
  return { service, connection };
}

describe('PromptEncoderService', () => {
  it('encodes once, then answers from its cache with the same bytes', async () => {
    const { connection } = await start();
    const encoder = connection.client(PromptEncoderServiceService);
    const request = { model: 'pocket', prompt: 'a red apple' };
    const first = await encoder.encode(request);
    expect(first).toMatchObject({
      cached: false,
      conditioning: [{ name: 'encoder_hidden_states' }, { name: 'pooled_projections' }],
    });
    expect(first.kernelMs).toBeGreaterThan(0);
    expect(await encoder.encode(request)).toEqual({ ...first, cached: true, kernelMs: 0 });
    expect((await encoder.encode({ ...request, prompt: '' })).conditioning).not.toEqual(first.conditioning);
  });

  it('runs the kernels once for the same prompt asked for twice at once', async () => {
    const { connection, service } = await start();
    const encoder = connection.client(PromptEncoderServiceService);
    const request = { model: 'pocket', prompt: 'a cat' };
    const [one, two] = await Promise.all([encoder.encode(request), encoder.encode(request)]);
    expect(two.conditioning).toEqual(one.conditioning);
    const text = await (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text();
    expect(text).toMatch(/darkroom_kernel_seconds_count\{[^}]*model="pocket"[^}]*\} 1/);
  });

  it('refuses 32,769 tokens and an unknown model, and counts tokens', async () => {
    const { connection } = await start();
    const encoder = connection.client(PromptEncoderServiceService);
    const { tokenCount: special, maxTokens } = await encoder.countTokens({ model: 'pocket', prompt: '' });
    expect(maxTokens).toBe(32_768);
    const prompt = ' a'.repeat(32_769 - special);
    expect((await encoder.countTokens({ model: 'pocket', prompt })).tokenCount).toBe(32_769);
    await expect(encoder.encode({ model: 'pocket', prompt })).rejects.toMatchObject({
      code: 'invalid_argument',
      param: 'prompt',
    });
    await expect(encoder.encode({ model: 'absent', prompt: '' })).rejects.toMatchObject({ code: 'not_found', param: 'model' });
  });

  it('stays up but never ready when a file is damaged, naming it', async () => {
    const { path: folder, remove } = await temporaryFolder();
    cleanup.push(remove);
    await cp(join(models, 'pocket'), join(folder, 'pocket'), { recursive: true });
    const damaged = join(folder, 'pocket/tokenizer/tokenizer.json');
    await writeFile(damaged, `${await readFile(damaged, 'utf8')} `);

    const { connection, service } = await start(folder);
    const encoding = connection.client(PromptEncoderServiceService).encode({ model: 'pocket', prompt: 'a cat' });
    await expect(encoding).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringMatching(/tokenizer\.json should be sha256:\w+ but is sha256:/),
    });
    const readiness = await fetch(`http://127.0.0.1:${service.httpPort}/readyz`);
    expect(readiness.status).toBe(503);
    expect(await readiness.json()).toMatchObject({
      missing: { 'model pocket': expect.stringContaining('tokenizer/tokenizer.json') },
    });
    expect((await fetch(`http://127.0.0.1:${service.httpPort}/healthz`)).status).toBe(200);
  });
});
