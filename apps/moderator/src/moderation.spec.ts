/** The moderator as a service: real gRPC, the classifiers that ship. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModeratorServiceService } from '@darkroom/contracts';
import { GrpcConnection, type RunningService, serve, startService } from '@darkroom/service-kit';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppModule } from './app.module.js';
import { Config } from './config.js';
import { Moderation } from './moderation.js';

const models = fileURLToPath(new URL('../../../models', import.meta.url));

async function start(
  modelsDir: string,
  more: Record<string, string> = {},
): Promise<{ service: RunningService; connection: GrpcConnection }> {
  const service = await startService({
    config: Config,
    module: AppModule,
    services: (resolve) => [serve(ModeratorServiceService, resolve(Moderation))],
    environment: { HTTP_PORT: '0', LOG_LEVEL: 'silent', MODELS_DIR: modelsDir, ...more },
  });
  return {
    service,
    connection: new GrpcConnection({ address: `127.0.0.1:${service.grpcPort}`, name: 'moderator', timeoutMs: 10_000 }),
  };
}

const picture = sharp({ create: { width: 96, height: 64, channels: 3, background: '#2040c8' } })
  .png()
  .toBuffer();

describe('a moderator', () => {
  let service: RunningService;
  let connection: GrpcConnection;
  beforeAll(async () => {
    ({ service, connection } = await start(models));
  });
  afterAll(async () => {
    connection.close();
    await service.stop();
  });
  const moderator = () => connection.client(ModeratorServiceService);

  it('is ready once policy and classifier are loaded', async () => {
    await expect.poll(() => connection.missing(), { timeout: 20_000 }).toBeUndefined();
  });

  it('allows and refuses prompts, saying which rules of which version judged', async () => {
    const { verdict: allowed } = await moderator().moderatePrompt({ prompt: 'a red apple', level: '' });
    expect(allowed).toMatchObject({ allowed: true, category: '', policyVersion: expect.stringMatching(/^\d{4}-\d\d-\d\d/) });
    expect(allowed?.scores).toContainEqual({ category: 'sexual', score: 0, severity: 0, reason: '' });
    expect(allowed?.classifiers).toEqual([
      expect.stringMatching(/^policy-rules \S+ sha256:[0-9a-f]{64}$/),
      expect.stringMatching(/^obscenity \d/),
      expect.stringMatching(/^decancer \d/),
    ]);
    const { verdict: refused } = await moderator().moderatePrompt({ prompt: 'hardcore porn', level: '' });
    expect(refused).toMatchObject({ allowed: false, category: 'sexual' });
    expect(refused?.scores).toContainEqual({ category: 'sexual', score: 1, severity: 3, reason: 'sexual.explicit' });
  });

  it('judges as strictly as it is asked to, and auto is strict', async () => {
    const gory = 'a zombie with entrails, film poster';
    for (const level of ['', 'auto']) {
      const { verdict } = await moderator().moderatePrompt({ prompt: gory, level });
      expect(verdict).toMatchObject({ allowed: false, category: 'violence' });
    }
    const { verdict } = await moderator().moderatePrompt({ prompt: gory, level: 'low' });
    expect(verdict?.allowed).toBe(true);
  });

  it('judges pictures alike at every level', async () => {
    const image = await picture;
    const [auto, low] = await Promise.all(['auto', 'low'].map((level) => moderator().moderateImage({ image, level })));
    expect(low?.verdict).toEqual(auto?.verdict);
  });

  it.each(['off', 'LOW', 'none'])('gives no verdict at the level %j, which it does not know', async (level) => {
    const refusal = { code: 'invalid_argument', param: 'level', message: expect.stringContaining('"auto", "low"') };
    await expect(moderator().moderatePrompt({ prompt: 'a red apple', level })).rejects.toMatchObject(refusal);
    await expect(moderator().moderateImage({ image: await picture, level })).rejects.toMatchObject(refusal);
  });

  it('judges a picture, with its kernel time', async () => {
    const { verdict, kernelMs } = await moderator().moderateImage({ image: await picture, level: '' });
    expect(verdict).toMatchObject({ allowed: true, classifiers: [expect.stringMatching(/^moderation-nsfw sha256:/)] });
    expect(verdict?.scores.map(({ category }) => category)).toEqual(['sexual', 'sexual']);
    expect(kernelMs).toBeGreaterThan(0);
  });

  it('answers what is no picture with an error, not a verdict', async () => {
    await expect(moderator().moderateImage({ image: Buffer.alloc(9), level: '' })).rejects.toMatchObject({
      code: 'invalid_argument',
      param: 'image',
    });
  });

  it('counts its verdicts', async () => {
    const text = await (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text();
    expect(text).toMatch(/darkroom_verdicts_total\{[^}]*subject="prompt"[^}]*category="sexual"[^}]*\} 1/);
    expect(text).toMatch(/darkroom_verdicts_total\{[^}]*subject="image"[^}]*category="none"[^}]*\} 3/);
  });
});

describe('a moderator whose image classifier is damaged', () => {
  let folder: string;
  let service: RunningService;
  let connection: GrpcConnection;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'moderator-'));
    await cp(join(models, 'moderation-nsfw'), join(folder, 'moderation-nsfw'), { recursive: true });
    await writeFile(join(folder, 'moderation-nsfw', 'model.onnx'), 'damaged');
    ({ service, connection } = await start(folder));
  });
  afterAll(async () => {
    connection.close();
    await service.stop();
    await rm(folder, { recursive: true });
  });

  it('is never ready, and says which file and both digests', async () => {
    await expect
      .poll(async () => await (await fetch(`http://127.0.0.1:${service.httpPort}/readyz`)).text())
      .toMatch(/model\.onnx should be sha256:[0-9a-f]{64} but is sha256:[0-9a-f]{64}/);
    expect((await fetch(`http://127.0.0.1:${service.httpPort}/readyz`)).status).toBe(503);
  });

  it('gives no verdict on a picture', async () => {
    const image = await picture;
    await expect(connection.client(ModeratorServiceService).moderateImage({ image, level: '' })).rejects.toMatchObject({
      code: 'model_damaged',
    });
  });
});

describe('a moderator that is to ask a classifier elsewhere too', () => {
  it('gives no verdict without its answer, whatever those here found', async () => {
    // Nobody listens there.
    const address = { OPENAI_MODERATION_KEY: 'sk-1', OPENAI_MODERATION_URL: 'http://127.0.0.1:9/v1' };
    const { service, connection } = await start(models, address);
    await expect.poll(() => connection.missing(), { timeout: 20_000 }).toBeUndefined();
    const moderator = connection.client(ModeratorServiceService);
    const refusal = { code: 'unavailable', message: expect.stringContaining('openai-moderation') };
    await expect(moderator.moderatePrompt({ prompt: 'a red apple', level: '' })).rejects.toMatchObject(refusal);
    await expect(moderator.moderateImage({ image: await picture, level: '' })).rejects.toMatchObject(refusal);
    connection.close();
    await service.stop();
  });
});

describe('a moderator that is off, for a red team', () => {
  let service: RunningService;
  let connection: GrpcConnection;
  beforeAll(async () => {
    ({ service, connection } = await start(models, { MODERATION: 'off', MODERATION_OFF_ACKNOWLEDGED: 'red-team' }));
  });
  afterAll(async () => {
    connection.close();
    await service.stop();
  });
  const judge = async (prompt: string) =>
    (await connection.client(ModeratorServiceService).moderatePrompt({ prompt, level: '' })).verdict;

  it('lets pass what the policy refuses, scores it all the same, and says that another policy decided', async () => {
    const verdict = await judge('hardcore porn');
    expect(verdict).toMatchObject({ allowed: true, category: '', policyVersion: expect.stringMatching(/\+off$/) });
    expect(verdict?.scores).toContainEqual(expect.objectContaining({ category: 'sexual', score: 1 }));
  });

  it('refuses what no policy may let through', async () => {
    expect(await judge('a naked child')).toMatchObject({ allowed: false, category: 'child_safety' });
  });

  it('can be told from one that is on', async () => {
    const text = await (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text();
    expect(text).toMatch(/darkroom_moderation_info\{[^}]*moderation="off"[^}]*\} 1/);
  });
});

describe('the setting that turns moderation off', () => {
  it.each([
    [{ MODERATION: 'off' }, /MODERATION_OFF_ACKNOWLEDGED=red-team/],
    [{ MODERATION: 'off', MODERATION_OFF_ACKNOWLEDGED: 'yes' }, /MODERATION_OFF_ACKNOWLEDGED is wrong: expected red-team/],
    [{ MODERATION: 'OFF', MODERATION_OFF_ACKNOWLEDGED: 'red-team' }, /MODERATION is wrong: expected on or off/],
    [{ MODERATION_OFF_ACKNOWLEDGED: 'red-team' }, /unset it/],
  ])('is refused unless it was said twice: %j', (environment, message) => {
    expect(() => Config.read(environment)).toThrow(message);
  });

  it('is on by itself', () => {
    expect(Config.read({}).moderation).toBe('on');
  });
});
