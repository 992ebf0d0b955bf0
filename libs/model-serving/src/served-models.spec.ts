import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ModelFolder, type ModelOptions, PipelineError } from '@darkroom/onnx-pipeline';
import { Log, Readiness } from '@darkroom/service-kit';
import { temporaryFolder } from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import { type ModelStage, ServedModels } from './served-models.js';

const modelsDir = fileURLToPath(new URL('../../../models', import.meta.url));
const log = Log.create('spec', 'silent');

/** A stage without a model: what is under test here is when it is loaded and how its failures are told. */
class Stage implements ModelStage {
  readonly ended = new Promise<undefined>(() => {});
  isClosed = false;
  async close() {
    this.isClosed = true;
  }
}

function serve(
  options: {
    models?: string[];
    modelsDir?: string;
    options?: Partial<ModelOptions>;
    load?: (folder: ModelFolder, options: ModelOptions) => Promise<Stage>;
  } = {},
) {
  const readiness = new Readiness(log);
  const models = new ServedModels({
    modelsDir: options.modelsDir ?? modelsDir,
    models: options.models,
    options: { threads: 1, ...options.options },
    parts: ['tokenizer', 'text_encoder'],
    load: options.load ?? (async () => new Stage()),
    readiness,
    log,
  });
  return { models, readiness };
}

describe('ServedModels', () => {
  it('serves every model of the folder unless told which, and closes them', async () => {
    const { models, readiness } = serve();
    const { folder, stage } = await models.get('pocket');
    expect(folder.name).toBe('pocket');
    await expect.poll(() => readiness.report()).toEqual({ ready: true, missing: {} });
    await models.close();
    expect(stage.isClosed).toBe(true);
  });

  it('is not ready before its models are loaded, and answers when they are', async () => {
    const gate = Promise.withResolvers<Stage>();
    const { models, readiness } = serve({ models: ['pocket'], load: () => gate.promise });
    const pending = models.get('pocket');
    await expect.poll(() => readiness.report()).toEqual({ ready: false, missing: { 'model pocket': 'is being loaded' } });
    gate.resolve(new Stage());
    expect((await pending).folder.name).toBe('pocket');
  });

  it('serves the others when one is damaged, and is never ready', async () => {
    const folder = await temporaryFolder();
    await cp(join(modelsDir, 'pocket'), join(folder.path, 'whole'), { recursive: true });
    await mkdir(join(folder.path, 'empty'));
    const load = async () => new Stage();
    const { models, readiness } = serve({ modelsDir: folder.path, models: ['whole', 'empty'], load });
    expect((await models.get('whole')).folder.name).toBe('whole');
    await expect(models.get('empty')).rejects.toMatchObject({ code: 'model_damaged' });
    expect((await readiness.report()).missing).toEqual({ 'model empty': 'model folder empty has no readable model_index.json' });
    await folder.remove();
  });

  describe('with two models', () => {
    async function twoModels() {
      const folder = await temporaryFolder();
      for (const name of ['one', 'two']) await cp(join(modelsDir, 'pocket'), join(folder.path, name), { recursive: true });
      return { ...folder, digests: join(folder.path, 'two', 'digests.json') };
    }

    it('loads one stage for both where they are alike in what it reads', async () => {
      const { path, remove } = await twoModels();
      let loads = 0;
      const load = async () => {
        loads += 1;
        return new Stage();
      };
      const { models } = serve({ modelsDir: path, load });
      const [one, two] = await Promise.all([models.get('one'), models.get('two')]);
      expect([one.folder.name, two.folder.name, loads]).toEqual(['one', 'two', 1]);
      expect(two.stage).toBe(one.stage);
      await models.close();
      await remove();
    });

    it('still verifies the files of each', async () => {
      const { path, remove } = await twoModels();
      await writeFile(join(path, 'two', 'text_encoder', 'config.json'), '{}');
      // Either may come first, and then it is the stage that verifies.
      const load = async (folder: ModelFolder) => {
        await folder.verify(['tokenizer', 'text_encoder']);
        return new Stage();
      };
      const { models } = serve({ modelsDir: path, load });
      await models.get('one');
      await expect(models.get('two')).rejects.toMatchObject({ code: 'model_damaged' });
      await remove();
    });

    it('loads one each where they differ', async () => {
      const { path, remove, digests } = await twoModels();
      const listed = JSON.parse(await readFile(digests, 'utf8'));
      listed.files['text_encoder/model.onnx'] = `sha256:${'0'.repeat(64)}`;
      await writeFile(digests, JSON.stringify(listed));
      const { models } = serve({ modelsDir: path });
      const [one, two] = await Promise.all([models.get('one'), models.get('two')]);
      expect(two.stage).not.toBe(one.stage);
      await remove();
    });
  });

  it('tells its stage how to run', async () => {
    const given: ModelOptions[] = [];
    const load = async (_: ModelFolder, options: ModelOptions) => {
      given.push(options);
      return new Stage();
    };
    const { models } = serve({ models: ['pocket'], options: { precision: 'fp16' }, load });
    await models.checkConfiguration();
    await models.get('pocket');
    expect(given).toEqual([{ threads: 1, precision: 'fp16' }]);
  });

  it('names the variable that asks for what this machine has not, and loads nothing', async () => {
    const { models, readiness } = serve({ models: ['pocket'], options: { provider: 'cpu', deviceId: 1 } });
    await expect(models.checkConfiguration()).rejects.toMatchObject({
      name: 'ConfigError',
      message: 'DEVICE_ID: a device id is for cuda and tensorrt, not for cpu',
    });
    expect(Object.keys((await readiness.report()).missing)).toEqual(['models']);
  });

  it('names the models it serves when asked for another', async () => {
    const { models } = serve({ models: ['pocket'] });
    await expect(models.get('flux')).rejects.toMatchObject({
      code: 'not_found',
      param: 'model',
      message: expect.stringContaining('pocket'),
    });
  });

  it("tells a stage's own failure as it is", async () => {
    const failure = PipelineError.modelDamaged('transformer/model.onnx should be sha256:1 but is sha256:2');
    const { models } = serve({ models: ['pocket'], load: () => Promise.reject(failure) });
    await expect(models.get('pocket')).rejects.toMatchObject({ code: 'model_damaged', message: failure.message });
  });

  it('is never ready where there is no model at all', async () => {
    const folder = await temporaryFolder();
    const { models, readiness } = serve({ modelsDir: folder.path });
    await expect(models.get('pocket')).rejects.toMatchObject({ code: 'internal' });
    expect((await readiness.report()).missing.models).toContain('holds no model');
    await folder.remove();
  });
});
