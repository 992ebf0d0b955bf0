import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { matMulGraph } from './graph/matmul-graph.fixture.js';
import { ModelFolder } from './model-folder.js';
import { Denoiser } from './stages/denoiser.js';

const pocket = fileURLToPath(new URL('../../../models/pocket', import.meta.url));

describe('the pocket model', () => {
  it('is what its digests say', async () => {
    const folder = await ModelFolder.open(pocket);
    await folder.verify(['tokenizer', 'text_encoder', 'transformer', 'vae_encoder', 'vae_decoder', 'scheduler']);
    expect(folder.name).toBe('pocket');
    expect(folder.className).toBe('PocketPipeline');
  });

  it('is known by the digest of its digests', async () => {
    const bytes = await readFile(join(pocket, 'digests.json'));
    const { digest } = await ModelFolder.open(pocket);
    expect(digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  });
});

describe('a damaged copy', () => {
  let copy: string;

  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'damaged-model-'));
    await cp(pocket, copy, { recursive: true });
  });
  afterEach(() => rm(copy, { recursive: true }));

  it('is refused naming the altered file and both digests', async () => {
    const graph = join(copy, 'transformer/model.onnx');
    const bytes = await readFile(graph);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    await writeFile(graph, bytes);

    const folder = await ModelFolder.open(copy);
    const expected = folder.digests.get('transformer/model.onnx');
    const actual = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    await expect(Denoiser.load(folder, { threads: 1 })).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringContaining(`transformer/model.onnx should be ${expected} but is ${actual}`),
    });
    // A stage that does not read the file is not held up by it.
    await folder.verify(['vae_decoder']);
  });

  it('is refused naming a missing file', async () => {
    await rm(join(copy, 'scheduler/scheduler_config.json'));
    const folder = await ModelFolder.open(copy);
    await expect(folder.verify(['scheduler'])).rejects.toThrow(/scheduler\/scheduler_config\.json should be .* but is missing/);
  });

  it('is refused when a part has no digest at all', async () => {
    const digests = JSON.parse(await readFile(join(copy, 'digests.json'), 'utf8'));
    delete digests.files['scheduler/scheduler_config.json'];
    await writeFile(join(copy, 'digests.json'), JSON.stringify(digests));
    const folder = await ModelFolder.open(copy);
    await expect(folder.verify(['scheduler'])).rejects.toThrow('scheduler has no digest in digests.json');
  });

  it.each([
    ['{', 'digests.json is not valid JSON'],
    ['[]', 'digests.json must hold a JSON object'],
    ['{}', 'digests.json must have an object "files"'],
    ['{"files": {"a": "md5:0"}}', 'a must have a digest "sha256:<64 hex digits>"'],
  ])('is refused when digests.json is %s', async (content, message) => {
    await writeFile(join(copy, 'digests.json'), content);
    await expect(ModelFolder.open(copy)).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringContaining(message),
    });
  });

  it('is refused when it is no model folder', async () => {
    await rm(join(copy, 'model_index.json'));
    await expect(ModelFolder.open(copy)).rejects.toThrow('has no readable model_index.json');
  });

  it('is refused when no family reads its class', async () => {
    const index = JSON.stringify({ _class_name: 'FluxPipeline' });
    const { files } = JSON.parse(await readFile(join(copy, 'digests.json'), 'utf8'));
    files['model_index.json'] = `sha256:${createHash('sha256').update(index).digest('hex')}`;
    await writeFile(join(copy, 'model_index.json'), index);
    await writeFile(join(copy, 'digests.json'), JSON.stringify({ files }));
    const folder = await ModelFolder.open(copy);
    await expect(Denoiser.load(folder, { threads: 1 })).rejects.toThrow('is a FluxPipeline, which no family reads');
  });
});

const digestOf = (bytes: Uint8Array | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('a copy with its VAE decoder in files of other names', () => {
  let copy: string;
  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'model-files-'));
    await cp(pocket, copy, { recursive: true });
  });
  afterEach(() => rm(copy, { recursive: true }));

  /** Puts files into the folder, or takes them out of it, and lists what there is. */
  async function change(files: Record<string, Uint8Array | undefined>): Promise<ModelFolder> {
    const listed = JSON.parse(await readFile(join(copy, 'digests.json'), 'utf8')).files;
    for (const [file, bytes] of Object.entries(files)) {
      listed[file] = bytes && digestOf(bytes);
      await (bytes ? writeFile(join(copy, file), bytes) : rm(join(copy, file)));
    }
    await writeFile(join(copy, 'digests.json'), JSON.stringify({ files: listed }));
    return await ModelFolder.open(copy);
  }

  it('has the precision that is there, and names the graph of one that is not', async () => {
    const graph = await readFile(join(copy, 'vae_decoder/model.onnx'));
    const folder = await change({ 'vae_decoder/model_fp16.onnx': graph, 'vae_decoder/model.onnx': undefined });
    await folder.verify(['vae_decoder'], 'fp16');
    await expect(folder.verify(['vae_decoder'])).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringContaining('has no fp32 graph: vae_decoder/model.onnx is not in digests.json'),
    });
    await expect(folder.verify(['transformer', 'scheduler'], 'fp16')).rejects.toThrow(
      'has no fp16 graph: transformer/model_fp16.onnx is not in digests.json',
    );
  });

  it('reads nothing of a precision that is not asked for', async () => {
    const folder = await change({
      'vae_decoder/model_fp16.onnx': Buffer.from('1'),
      'vae_decoder/model_fp16.onnx_data': Buffer.from('2'),
    });
    await writeFile(join(copy, 'vae_decoder/model_fp16.onnx_data'), 'altered');
    await folder.verify(['vae_decoder']);
    await expect(folder.verify(['vae_decoder'], 'fp16')).rejects.toThrow('vae_decoder/model_fp16.onnx_data should be');
  });

  it.each(['model.onnx_data', 'weights.bin'])('verifies the weights outside of a graph in %s', async (location) => {
    const file = `vae_decoder/${location}`;
    const graph = matMulGraph({ type: 'float32', weightShape: [1, 1], weights: { location, length: 4 } });
    const folder = await change({ 'vae_decoder/model.onnx': graph, [file]: Uint8Array.of(0, 0, 128, 63) });
    await folder.verify(['vae_decoder']);
    await writeFile(join(copy, file), Uint8Array.of(0, 0, 128, 64));
    await expect(folder.verify(['vae_decoder'])).rejects.toThrow(`${file} should be ${folder.digests.get(file)} but is sha256:`);
    await rm(join(copy, file));
    await expect(folder.verify(['vae_decoder'])).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringMatching(new RegExp(`${file} should be .* but is missing`)),
    });
    await writeFile(join(copy, file), Uint8Array.of(0, 0, 128, 63));
    const unlisted = await change({ [file]: undefined });
    await expect(unlisted.verify(['vae_decoder'])).rejects.toThrow(
      `${file} holds weights of vae_decoder/model.onnx and has no digest in digests.json`,
    );
  });
});
