import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { GraphModel } from './graph-model.js';
import type { ReferencePicture } from './reference-pictures.js';

const run = promisify(execFile);

/** nsfwjs as it comes from the npm registry, at the version that the reference folder's lock file pins. */
export interface Nsfwjs {
  readonly version: string;
  readonly licence: string;
  /** Version of TensorFlow.js that `classify` runs on. */
  readonly tensorFlowVersion: string;
  readonly model: GraphModel;
  /** The weight shards, concatenated in the manifest's order. */
  readonly shards: Uint8Array;
  /** Class names in the order of the model's outputs, lower case. */
  readonly classes: readonly string[];
  /** Runs the original model in TensorFlow.js, resizing included; the result adds up to 1, in the order of `classes`. */
  classify(picture: ReferencePicture): Promise<number[]>;
}

/** The part of nsfwjs and TensorFlow.js that is used here. */
interface Loaded {
  load(
    name: string,
    options: object,
  ): Promise<{ classify(image: unknown): Promise<{ className: string; probability: number }[]> }>;
}
interface TensorFlow {
  readonly version_core: string;
  setBackend(name: string): Promise<boolean>;
  tensor3d(data: Uint8Array, shape: [number, number, number], dtype: 'int32'): { dispose(): void };
}
interface ModelDefinition {
  modelJson(): Promise<{ default: GraphModel }>;
  weightBundles: (() => Promise<{ default: string }>)[];
}

/** Installs the reference folder's packages, without running any of their scripts, and loads nsfwjs' MobileNetV2Mid from them. */
export async function loadNsfwjs(folder: string): Promise<Nsfwjs> {
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  const require = createRequire(join(folder, 'package.json'));
  const load = async (path: string) => await import(pathToFileURL(require.resolve(path)).href);

  const { MobileNetV2MidModel: definition } = (await load('nsfwjs/models/mobilenet_v2_mid')) as {
    MobileNetV2MidModel: ModelDefinition;
  };
  const bundles = await Promise.all(definition.weightBundles.map(async (bundle) => (await bundle()).default));
  const { NSFW_CLASSES: classes } = (await import(
    pathToFileURL(join(folder, 'node_modules/nsfwjs/dist/cjs/nsfw_classes.js')).href
  )) as { NSFW_CLASSES: Record<number, string> };
  const names = Object.values(classes);

  const tf = (await load('@tensorflow/tfjs')) as TensorFlow;
  await tf.setBackend('cpu');
  const nsfwjs = (await load('nsfwjs/core')) as Loaded;
  const original = await nsfwjs.load('MobileNetV2Mid', { modelDefinitions: [definition] });
  const manifest = JSON.parse(await readFile(join(folder, 'node_modules/nsfwjs/package.json'), 'utf8')) as { version: string };
  return {
    version: manifest.version,
    licence: await readFile(join(folder, 'node_modules/nsfwjs/LICENSE'), 'utf8'),
    tensorFlowVersion: tf.version_core,
    model: (await definition.modelJson()).default,
    shards: Buffer.concat(bundles.map((base64) => Buffer.from(base64, 'base64'))),
    classes: names.map((name) => name.toLowerCase()),
    async classify({ data, width, height }) {
      const image = tf.tensor3d(data, [height, width, 3], 'int32');
      const ranked = await original.classify(image);
      image.dispose();
      return names.map((name) => ranked.find(({ className }) => className === name)?.probability ?? Number.NaN);
    },
  };
}
