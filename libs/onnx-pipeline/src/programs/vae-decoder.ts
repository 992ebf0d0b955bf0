/** Worker program: the VAE decoder, from normalised latents to pixels. */
import { expectDataType, sameShape, type Tensor } from '@darkroom/tensor';
import type { LatentFormat, RgbImage } from '../families/family.js';
import { familyOf } from '../families/registry.js';
import { ModelFolder } from '../model-folder.js';
import { PipelineError } from '../pipeline-error.js';
import { toUint8Rgb } from '../pixels.js';
import { SelfTrimmingSession } from '../session/self-trimming-session.js';
import { serve } from '../worker/serve.js';
import type { StageOptions } from './stage-options.js';

/** A decoded image. */
export interface DecodedImage extends RgbImage {
  /** Milliseconds inside the VAE's kernels. */
  readonly kernelMs: number;
}

/** What the program offers. */
export type VaeDecoderMethods = {
  decode: { args: Tensor; result: DecodedImage; event: never };
};

await serve<VaeDecoderMethods, StageOptions, undefined>(async ({ folderPath, ...sessionOptions }) => {
  const folder = await ModelFolder.open(folderPath);
  const family = familyOf(folder);
  const { inputs, outputs } = family.vaeDecoder;
  const [format, session] = await Promise.all([
    family.openLatentFormat(folder),
    SelfTrimmingSession.load(folder.graphPath('vae_decoder'), sessionOptions),
  ]);
  session.expect('vae_decoder', inputs, outputs);
  return {
    ready: undefined,
    handlers: {
      decode: async (latents, call) => {
        const checked = checkLatents(latents, format);
        const result = await session.run(family.vaeDecoderInputs(format.denormalise(checked)));
        const sample = expectDataType(result.outputs[outputs[0] as string] as Tensor, 'float32', "the VAE's output");
        const [, , height = 0, width = 0] = sample.shape;
        const image = toUint8Rgb(sample.data, width, height);
        call.transfer(image.rgb.buffer);
        return { ...image, kernelMs: result.kernelMs };
      },
    },
  };
});

/** Makes sure that latents came from this model's transformer, before kernels run on a shape that never fits. */
function checkLatents(latents: Tensor, format: LatentFormat): Tensor<'float32'> {
  const { granularity, minSide, maxSide } = format.sizes;
  const [batch, channels] = format.shape(granularity, granularity);
  const [, , height = 0, width = 0] = latents.shape;
  const smallest = format.shape(minSide, minSide);
  const largest = format.shape(maxSide, maxSide);
  const fits =
    latents.dataType === 'float32' &&
    sameShape(latents.shape, [batch as number, channels as number, height, width]) &&
    [height, width].every((side) => side >= (smallest[2] as number) && side <= (largest[2] as number));
  if (!fits) {
    throw PipelineError.invalidArgument(
      'latents',
      `latents are float32 of shape [1, ${channels}, ${smallest[2]}..${largest[2]}, ${smallest[3]}..${largest[3]}], not ${latents.dataType} of [${latents.shape.join(', ')}]`,
    );
  }
  return latents as Tensor<'float32'>;
}
