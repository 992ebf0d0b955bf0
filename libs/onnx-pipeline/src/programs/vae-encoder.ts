/** Worker program: the VAE encoder, from pixels to normalised latents. */
import { maxSeed, type Tensor, tensor } from '@darkroom/tensor';
import type { RgbImage, SizeLimits } from '../families/family.js';
import { checkImageSize } from '../image-size.js';
import { takeLatents } from '../latent-distribution.js';
import { PipelineError } from '../pipeline-error.js';
import { toColourPlanes } from '../pixels.js';
import { blendTiles } from '../tiling/blend-tiles.js';
import type { TileGrid } from '../tiling/tile-plan.js';
import { serve } from '../worker/serve.js';
import { type TileSize, VaeGraph, type VaeProgramOptions } from './vae-graph.js';

/** An image as latents. */
export interface EncodedImage {
  /** float32 [1, channels, height, width], scaled as the transformer makes and takes them. */
  readonly latents: Tensor<'float32'>;
  /** Milliseconds inside the VAE's kernels; of runs that others shared, this image's part. */
  readonly kernelMs: number;
  /** Absent when the image was encoded whole. */
  readonly tile: TileSize | undefined;
}

/** What is to be encoded. */
export interface EncodeImageRequest {
  readonly image: RgbImage;
  /** A uint32 that draws a sample; without it the distribution's mean is taken. */
  readonly seed?: number | undefined;
}

/** What the program offers. */
export type VaeEncoderMethods = {
  encode: { args: EncodeImageRequest; result: EncodedImage; event: never };
};

await serve<VaeEncoderMethods, VaeProgramOptions, undefined>(async (options) => {
  const vae = await VaeGraph.open('vae_encoder', options);
  const { format, scale } = vae;
  return {
    ready: undefined,
    handlers: {
      encode: async ({ image, seed }, call) => {
        checkImage(image, format.vaeSizes);
        checkSeed(seed);
        const grid = vae.tiles(image.height / scale, image.width / scale);
        const encoded = grid ? await vae.inTurn(() => encodeTiles(vae, image, grid)) : await encodeWhole(vae, image);
        const [, channels = 0] = format.shape(image.width, image.height);
        const latents = format.normalise(takeLatents(encoded.parameters, channels, seed));
        call.transfer(latents.data.buffer);
        return { latents, kernelMs: encoded.kernelMs, tile: grid && vae.tileSize(grid) };
      },
    },
  };
});

/** What the graph says of an image's latents, and how long it took. */
interface Parameters {
  readonly parameters: Tensor<'float32'>;
  readonly kernelMs: number;
}

async function encodeWhole(vae: VaeGraph, image: RgbImage): Promise<Parameters> {
  const { output, kernelMs } = await vae.run(toColourPlanes(image, { top: 0, left: 0, ...image }));
  return { parameters: output, kernelMs };
}

async function encodeTiles(vae: VaeGraph, image: RgbImage, grid: TileGrid): Promise<Parameters> {
  const { rows, columns } = grid;
  const { scale } = vae;
  const positions = rows.length * columns.length;
  // How many channels the graph gives is known once it has run.
  const tile = (top: number, left: number) =>
    vae.run(
      toColourPlanes(image, {
        top: top * scale,
        left: left * scale,
        height: rows.tile * scale,
        width: columns.tile * scale,
      }),
    );
  const first = await tile(0, 0);
  const [, channels = 0] = first.output.shape;
  const data = new Float32Array(channels * positions);
  let kernelMs = 0;
  await blendTiles(
    grid,
    { channels, scale: 1 },
    async (top, left) => {
      const made = top === 0 && left === 0 ? first : await tile(top, left);
      kernelMs += made.kernelMs;
      return made.output.data;
    },
    ({ planes, planeLength, top, count }) => {
      for (let channel = 0; channel < channels; channel++) {
        const start = channel * planeLength;
        data.set(planes.subarray(start, start + count * columns.length), channel * positions + top * columns.length);
      }
    },
  );
  return { parameters: tensor('float32', [1, channels, rows.length, columns.length], data), kernelMs };
}

function checkImage({ width, height, rgb }: RgbImage, sizes: SizeLimits): void {
  checkImageSize(width, height, sizes);
  if (rgb.length !== width * height * 3) {
    throw PipelineError.invalidArgument(
      'image',
      `an image of ${width}x${height} has ${width * height * 3} bytes, not ${rgb.length}`,
    );
  }
}

function checkSeed(seed: number | undefined): void {
  if (seed !== undefined && !(Number.isInteger(seed) && seed >= 0 && seed <= maxSeed)) {
    throw PipelineError.invalidArgument('seed', `a seed is a whole number from 0 to ${maxSeed}, not ${seed}`);
  }
}
