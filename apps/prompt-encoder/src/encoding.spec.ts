/** The prompt encoder as a service: real gRPC, the real pocket model. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@darkroom/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { models, startEncoder } from './encoder.fixture.js';

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const work of cleanup.splice(0).reverse()) await work();
});

async function start(environment: Record<string, string> = {}) {
  const running = await startEncoder(environment);
  cleanup.push(running.stop);
  return running;
}

describe('PromptEncoderService', () => {
  it('encodes once, then answers from its cache with the same bytes', async () => {
    const { encoder } = await start();
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
    const { encoder, page } = await start();
    const request = { model: 'pocket', prompt: 'a cat' };
    const answers = await Promise.all([encoder.encode(request), encoder.encode(request)]);
    expect(answers[1].conditioning).toEqual(answers[0].conditioning);
    expect(answers.filter(({ cached, kernelMs }) => cached && kernelMs === 0)).toHaveLength(1);
    const text = await (await page('/metrics')).text();
    expect(text).toMatch(/darkroom_kernel_seconds_count\{[^}]*model="pocket"[^}]*\} 1/);
  });

  it('encodes prompts of one call in their order, equal ones once, to the bytes they have alone', async () => {
    const { encoder, page } = await start();
    const prompts = ['a cat', '', 'a cat', 'a dog'];
    const { responses } = await encoder.encodeBatch({ model: 'pocket', prompts });
    expect(responses.map(({ cached }) => cached)).toEqual([false, false, true, false]);
    const text = await (await page('/metrics')).text();
    expect(text).toMatch(/darkroom_conditioning_lookups_total\{[^}]*result="miss"[^}]*\} 3/);
    expect(text).toMatch(/darkroom_conditioning_lookups_total\{[^}]*result="memory"[^}]*\} 1/);
    expect(text).toMatch(/darkroom_kernel_seconds_count\{[^}]*model="pocket"[^}]*\} 3/);

    const alone = await start({ CONDITIONING_CACHE_BYTES: '0' });
    for (const [index, prompt] of prompts.entries()) {
      const { conditioning, tokenCount } = await alone.encoder.encode({ model: 'pocket', prompt });
      expect(responses[index]).toMatchObject({ conditioning, tokenCount });
    }
    expect(await encoder.encodeBatch({ model: 'pocket', prompts: [] })).toEqual({ responses: [] });
  });

  it('refuses 32,769 tokens, 17 prompts and an unknown model, and counts tokens', async () => {
    const { encoder } = await start();
    const { tokenCount: special, maxTokens } = await encoder.countTokens({ model: 'pocket', prompt: '' });
    expect(maxTokens).toBe(32_768);
    const prompt = ' a'.repeat(32_769 - special);
    expect((await encoder.countTokens({ model: 'pocket', prompt })).tokenCount).toBe(32_769);
    const tooLong = { code: 'invalid_argument', param: 'prompt' };
    await expect(encoder.encode({ model: 'pocket', prompt })).rejects.toMatchObject(tooLong);
    await expect(encoder.encodeBatch({ model: 'pocket', prompts: ['a cat', prompt] })).rejects.toMatchObject(tooLong);
    await expect(encoder.encodeBatch({ model: 'pocket', prompts: Array(17).fill('') })).rejects.toMatchObject({
      code: 'invalid_argument',
      param: 'prompts',
    });
    await expect(encoder.encode({ model: 'absent', prompt: '' })).rejects.toMatchObject({ code: 'not_found', param: 'model' });
  });

  it('stays up but never ready when a file is damaged, naming it', async () => {
    const { path: folder, remove } = await temporaryFolder();
    cleanup.push(remove);
    await cp(join(models, 'pocket'), join(folder, 'pocket'), { recursive: true });
    const damaged = join(folder, 'pocket/tokenizer/tokenizer.json');
    await writeFile(damaged, `${await readFile(damaged, 'utf8')} `);

    const { encoder, page } = await start({ MODELS_DIR: folder });
    await expect(encoder.encode({ model: 'pocket', prompt: 'a cat' })).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringMatching(/tokenizer\.json should be sha256:\w+ but is sha256:/),
    });
    const readiness = await page('/readyz');
    expect(readiness.status).toBe(503);
    expect(await readiness.json()).toMatchObject({
      missing: { 'model pocket': expect.stringContaining('tokenizer/tokenizer.json') },
    });
    expect((await page('/healthz')).status).toBe(200);
  });
});
