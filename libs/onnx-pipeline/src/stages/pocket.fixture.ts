/** The pocket model and conditioning for it, good and bad, for specs of the stages. */
import { fileURLToPath } from 'node:url';
import { type NamedTensors, type Tensor, tensor } from '@darkroom/tensor';
import { ModelFolder } from '../model-folder.js';
import { PromptEncoder } from './prompt-encoder.js';

/** Opens the model that ships with Darkroom. */
export function openPocket(): Promise<ModelFolder> {
  return ModelFolder.open(fileURLToPath(new URL('../../../../models/pocket', import.meta.url)));
}

/** Encodes prompts, in an encoder that is closed afterwards. */
export async function encodePrompts(folder: ModelFolder, prompts: readonly string[]): Promise<readonly NamedTensors[]> {
  const promptEncoder = await PromptEncoder.load(folder, { threads: 2 });
  const encoded = await Promise.all(prompts.map((prompt) => promptEncoder.encode(prompt)));
  await promptEncoder.close();
  return encoded.map(({ conditioning }) => conditioning);
}

/** Conditioning of the same shapes that is finite, but more than the transformer's activations can hold. */
export function poisoned(conditioning: NamedTensors): NamedTensors {
  const huge = Object.entries(conditioning).map(([name, { shape, data }]) => [
    name,
    tensor('float32', shape, new Float32Array(data.length).fill(3e38)),
  ]);
  return Object.fromEntries(huge);
}

/** Words instead of floats, so that equal means equal bits. */
export function bits({ data }: Tensor<'float32'>): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, data.length);
}
