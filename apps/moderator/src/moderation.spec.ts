/** The moderator as a service: real gRPC, the classifiers that ship. */
import { createHmac } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditEntry, type ModerationContext, ModeratorServiceService, type Verdict } from '@darkroom/contracts';
import { type GrpcConnection, Log, type RunningService } from '@darkroom/service-kit';
import { WaitingEntries } from '@darkroom/service-kit/audit';
import { type RedisServer, startRedisServer, type TemporaryFolder, temporaryFolder } from '@darkroom/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Config } from './config.js';
import { models, startModerator } from './moderator.fixture.js';

const auditKey = Buffer.alloc(32, 7);

let redis: RedisServer;
let folder: TemporaryFolder;
/** What every moderator here has. */
let place: Record<string, string>;
beforeAll(async () => {
  [redis, folder] = await Promise.all([startRedisServer(), temporaryFolder()]);
  place = { REDIS_URL: redis.url, DARKROOM_STATE_DIR: folder.path, AUDIT_KEY: auditKey.toString('base64') };
});
afterAll(async () => {
  await redis.dispose();
  await folder.remove();
});

const start = (modelsDir: string, more: Record<string, string> = {}) =>
  startModerator({ ...place, MODELS_DIR: modelsDir, ...more });

const picture = sharp({ create: { width: 96, height: 64, channels: 3, background: '#2040c8' } })
  .png()
  .toBuffer();

describe('a moderator', () => {
  let service: RunningService;
  let connection: GrpcConnection;
  let log: WaitingEntries;
  beforeAll(async () => {
    ({ service, connection } = await start(models));
    log = new WaitingEntries(redis.url, Log.create('spec', 'silent'));
  });
  afterAll(async () => {
    log.close();
    connection.close();
    await service.stop();
  });
  const moderator = () => connection.client(ModeratorServiceService);

  it('is ready once rules and classifiers are loaded', async () => {
    await expect.poll(() => connection.missing()).toBeUndefined();
  });

  it('allows and refuses prompts, saying which rules of which version judged', async () => {
    const { verdict: allowed } = await moderator().moderatePrompt({ prompt: 'a red apple', level: '', context: undefined });
    expect(allowed).toMatchObject({ allowed: true, category: '', policyVersion: expect.stringMatching(/^\d{4}-\d\d-\d\d/) });
    expect(allowed?.scores).toContainEqual({ category: 'sexual', score: 0, severity: 0, reason: '' });
    expect(allowed?.classifiers).toEqual([
      expect.stringMatching(/^prompt-rules \S+ sha256:[0-9a-f]{64}$/),
      expect.stringMatching(/^obscenity \d/),
      expect.stringMatching(/^decancer \d/),
      expect.stringMatching(/^moderation-text sha256:[0-9a-f]{64}$/),
    ]);
    expect(allowed?.calibration).toMatch(/^moderation-text: child_safety >= 0\.\d+\/0\.\d+\/0\.\d+, sexual >= .*hate >= /);
    const { verdict: refused } = await moderator().moderatePrompt({ prompt: 'hardcore porn', level: '', context: undefined });
    expect(refused).toMatchObject({ allowed: false, category: 'sexual' });
    expect(refused?.scores).toContainEqual({ category: 'sexual', score: 1, severity: 3, reason: 'sexual.explicit' });
  });

  it('judges as strictly as it is asked to, and auto is strict', async () => {
    const gory = 'a zombie with entrails, film poster';
    for (const level of ['', 'auto']) {
      const { verdict } = await moderator().moderatePrompt({ prompt: gory, level, context: undefined });
      expect(verdict).toMatchObject({ allowed: false, category: 'violence' });
    }
    const { verdict } = await moderator().moderatePrompt({ prompt: gory, level: 'low', context: undefined });
    expect(verdict?.allowed).toBe(true);
  });

  it('sends with what is to be blurred something to deliver in its place', async () => {
    const image = await picture;
    const { verdict, blurred } = await moderator().moderateImage({ image, level: '', context: undefined, blur: true });
    expect(verdict).toMatchObject({ allowed: true, action: 'allow' });
    expect(await sharp(blurred).metadata()).toMatchObject({ format: 'png', width: 96, height: 64 });
    expect((await moderator().moderateImage({ image, level: '', context: undefined, blur: false })).blurred).toHaveLength(0);
  });

  it('judges pictures alike at every level', async () => {
    const image = await picture;
    const [auto, low] = await Promise.all(
      ['auto', 'low'].map((level) => moderator().moderateImage({ image, level, context: undefined, blur: false })),
    );
    const { scores, action } = auto?.verdict ?? {};
    expect(low?.verdict).toMatchObject({ scores, action, level: 'low' });
  });

  it.each(['off', 'LOW', 'none'])('gives no verdict at the level %j, which it does not know', async (level) => {
    const refusal = { code: 'invalid_argument', param: 'level', message: expect.stringContaining('"auto", "low"') };
    await expect(moderator().moderatePrompt({ prompt: 'a red apple', level, context: undefined })).rejects.toMatchObject(refusal);
    await expect(
      moderator().moderateImage({ image: await picture, level, context: undefined, blur: false }),
    ).rejects.toMatchObject(refusal);
  });

  it('judges a picture, with its kernel time', async () => {
    const { verdict, kernelMs } = await moderator().moderateImage({
      image: await picture,
      level: '',
      context: undefined,
      blur: false,
    });
    expect(verdict).toMatchObject({
      allowed: true,
      classifiers: [expect.stringMatching(/^moderation-nsfw sha256:/)],
      calibration: 'moderation-nsfw: sexual.explicit >= 0.5, sexual.suggestive >= 0.5',
    });
    expect(verdict?.scores.map(({ category }) => category)).toEqual(['sexual', 'sexual']);
    expect(kernelMs).toBeGreaterThan(0);
  });

  it('answers what is no picture with an error, not a verdict', async () => {
    await expect(
      moderator().moderateImage({ image: Buffer.alloc(9), level: '', context: undefined, blur: false }),
    ).rejects.toMatchObject({
      code: 'invalid_argument',
      param: 'image',
    });
  });

  it('counts its verdicts', async () => {
    const text = await (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text();
    expect(text).toMatch(/darkroom_verdicts_total\{[^}]*subject="prompt"[^}]*category="sexual"[^}]*\} 1/);
    expect(text).toMatch(/darkroom_verdicts_total\{[^}]*subject="image"[^}]*category="none"[^}]*\} 5/);
  });

  describe('and the audit log', () => {
    const context = (stage: string): ModerationContext => ({
      tenantId: 'ten_1',
      keyId: 'key_1',
      generationId: 'gen_1',
      stage,
      image: 2,
      policyDigest: '',
    });
    /** The log's last entry, of which the verdict must tell the truth. */
    const logged = async (verdict: Verdict | undefined) => {
      const entry = AuditEntry.decode((await log.next(1_000, 1_000)).at(-1)?.bytes ?? Buffer.alloc(0));
      expect(entry.id).toBe(verdict?.decisionId);
      return entry.decision;
    };
    const hmacOf = (content: string | Uint8Array) => createHmac('sha256', auditKey).update(content).digest('hex');

    it('has each verdict, with all that was said and by whom, and a hash of the prompt instead of it', async () => {
      const prompt = 'hardcore porn, straße';
      const { verdict } = await moderator().moderatePrompt({ prompt, level: 'low', context: context('negative_prompt') });
      const { decisionId: _, allowed: __, ...told } = verdict ?? {};
      const decision = await logged(verdict);
      const { policyDigest: _asked, ...of } = context('negative_prompt');
      expect(decision).toEqual({
        ...of,
        ...told,
        contentHmac: hmacOf(Buffer.from(prompt)),
        latencyMs: expect.any(Number),
      });
      expect(decision).toMatchObject({ action: 'block', category: 'sexual', reason: 'sexual.explicit', level: 'low' });
      expect(decision?.policyDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
      for (const { bytes } of await log.next(1_000, 1_000)) expect(bytes.includes('porn')).toBe(false);
    });

    it('has pictures as well, as one of the place that they are judged at', async () => {
      const image = await picture;
      const { verdict } = await moderator().moderateImage({ image, level: '', context: context('partial_image'), blur: false });
      const { policyDigest: _asked, ...of } = context('partial_image');
      expect(await logged(verdict)).toMatchObject({
        ...of,
        action: 'allow',
        level: 'auto',
        classifiers: [expect.stringMatching(/^moderation-nsfw sha256:/)],
        contentHmac: hmacOf(image),
      });
    });

    it('takes what an earlier version does not tell for a prompt or a finished picture', async () => {
      const { verdict: ofPrompt } = await moderator().moderatePrompt({ prompt: 'a red apple', level: '', context: undefined });
      expect(await logged(ofPrompt)).toMatchObject({ stage: 'prompt', tenantId: '' });
      const { verdict: ofImage } = await moderator().moderateImage({
        image: await picture,
        level: '',
        context: undefined,
        blur: false,
      });
      expect(await logged(ofImage)).toMatchObject({ stage: 'output_image' });
      const unknown = moderator().moderatePrompt({ prompt: 'a red apple', level: '', context: context('prompts') });
      await expect(unknown).rejects.toMatchObject({ code: 'invalid_argument', param: 'context.stage' });
    });

    it('gives no verdict that is not in it: none while Redis is away, and again when it is back', {
      timeout: 30_000,
    }, async () => {
      const waiting = (await log.next(1_000, 1_000)).length;
      await redis.kill();
      const image = await picture;
      const all = [
        moderator().moderatePrompt({ prompt: 'a red apple', level: '', context: undefined }),
        moderator().moderatePrompt({ prompt: 'hardcore porn', level: '', context: undefined }),
        moderator().moderateImage({ image, level: '', context: undefined, blur: false }),
      ];
      for (const one of all) await expect(one).rejects.toMatchObject({ code: 'unavailable' });
      expect(await connection.missing()).not.toBeUndefined();
      await redis.start();
      await expect.poll(() => connection.missing()).toBeUndefined();
      const { verdict } = await moderator().moderatePrompt({ prompt: 'a red apple', level: '', context: undefined });
      expect(verdict?.allowed).toBe(true);
      expect(await log.next(1_000, 1_000)).toHaveLength(waiting + 1);
    });
  });
});

describe('a moderator whose text classifier is damaged', () => {
  it('is never ready, says which file and both digests, and gives no verdict on a prompt', async () => {
    const damaged = await temporaryFolder();
    await cp(models, damaged.path, { recursive: true });
    await writeFile(join(damaged.path, 'moderation-text', 'model.onnx'), 'damaged');
    const { service, connection } = await start(damaged.path);
    await expect
      .poll(async () => await (await fetch(`http://127.0.0.1:${service.httpPort}/readyz`)).text())
      .toMatch(/text classifier is damaged: model\.onnx should be sha256:[0-9a-f]{64} but is sha256:[0-9a-f]{64}/);
    const moderator = connection.client(ModeratorServiceService);
    for (const prompt of ['a red apple', 'hardcore porn']) {
      await expect(moderator.moderatePrompt({ prompt, level: '', context: undefined })).rejects.toMatchObject({
        code: 'model_damaged',
      });
    }
    connection.close();
    await service.stop();
    await damaged.remove();
  });
});

describe('a moderator without a text classifier', () => {
  it('was told so in as many words, says it in /readyz, and judges by the rules', async () => {
    const { service, connection } = await start(models, { MODERATION_TEXT_CLASSIFIER: 'none' });
    await expect.poll(() => connection.missing()).toBeUndefined();
    expect(await (await fetch(`http://127.0.0.1:${service.httpPort}/readyz`)).json()).toMatchObject({
      ready: true,
      notes: { 'text classifier': expect.stringContaining('MODERATION_TEXT_CLASSIFIER=none') },
    });
    const moderator = connection.client(ModeratorServiceService);
    const { verdict } = await moderator.moderatePrompt({ prompt: 'hardcore porn', level: '', context: undefined });
    expect(verdict).toMatchObject({ allowed: false, category: 'sexual' });
    expect(verdict?.classifiers.join()).not.toContain('moderation-text');
    connection.close();
    await service.stop();
  });

  it('is not what an empty setting means', () => {
    expect(Config.read({ MODERATION_TEXT_CLASSIFIER: '' }).textClassifiers).toEqual(['moderation-text']);
  });
});

describe('a moderator whose image classifier is damaged', () => {
  let damaged: string;
  let service: RunningService;
  let connection: GrpcConnection;
  beforeAll(async () => {
    damaged = await mkdtemp(join(tmpdir(), 'moderator-'));
    await cp(join(models, 'moderation-nsfw'), join(damaged, 'moderation-nsfw'), { recursive: true });
    await writeFile(join(damaged, 'moderation-nsfw', 'model.onnx'), 'damaged');
    ({ service, connection } = await start(damaged));
  });
  afterAll(async () => {
    connection.close();
    await service.stop();
    await rm(damaged, { recursive: true });
  });

  it('is never ready, and says which file and both digests', async () => {
    await expect
      .poll(async () => await (await fetch(`http://127.0.0.1:${service.httpPort}/readyz`)).text())
      .toMatch(/model\.onnx should be sha256:[0-9a-f]{64} but is sha256:[0-9a-f]{64}/);
    expect((await fetch(`http://127.0.0.1:${service.httpPort}/readyz`)).status).toBe(503);
  });

  it('gives no verdict on a picture', async () => {
    const image = await picture;
    await expect(
      connection.client(ModeratorServiceService).moderateImage({ image, level: '', context: undefined, blur: false }),
    ).rejects.toMatchObject({
      code: 'model_damaged',
    });
  });
});

describe('a moderator that is to ask a classifier elsewhere too', () => {
  it('gives no verdict without its answer, whatever those here found', async () => {
    // Nobody listens there.
    const address = { OPENAI_MODERATION_KEY: 'sk-1', OPENAI_MODERATION_URL: 'http://127.0.0.1:9/v1' };
    const { service, connection } = await start(models, address);
    await expect.poll(() => connection.missing()).toBeUndefined();
    const moderator = connection.client(ModeratorServiceService);
    const refusal = { code: 'unavailable', message: expect.stringContaining('openai-moderation') };
    await expect(moderator.moderatePrompt({ prompt: 'a red apple', level: '', context: undefined })).rejects.toMatchObject(
      refusal,
    );
    await expect(
      moderator.moderateImage({ image: await picture, level: '', context: undefined, blur: false }),
    ).rejects.toMatchObject(refusal);
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
    (await connection.client(ModeratorServiceService).moderatePrompt({ prompt, level: '', context: undefined })).verdict;

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
