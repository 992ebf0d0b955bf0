/** Worker program: the VAE decoder, from normalised latents to pixels. */
import { sameShape, type Tensor } from '@darkroom/tensor';
import type { LatentFormat, RgbImage, SizeLimits } from '../families/family.js';
import { PipelineError } from '../pipeline-error.js';
import { cropPlanes, interleaveRgb, toUint8Rgb } from '../pixels.js';
import { blendTiles } from '../tiling/blend-tiles.js';
import type { TileGrid } from '../tiling/tile-plan.js';
import { serve } from '../worker/serve.js';
import { type TileSize, VaeGraph, type VaeProgramOptions } from './vae-graph.js';

/** A decoded image. */
export interface DecodedImage extends RgbImage {
  /** Milliseconds inside the VAE's kernels; of runs that others shared, this image's part. */
  readonly kernelMs: number;
  /** Absent when the image was decoded whole. */
  readonly tile: TileSize | undefined;
}

/** What the program found out while starting. */
export interface VaeDecoderReady {
  readonly sizes: SizeLimits;
}

/** What the program offers. */
export type VaeDecoderMethods = {
  decode: { args: Tensor; result: DecodedImage; event: never };
};

await serve<VaeDecoderMethods, VaeProgramOptions, VaeDecoderReady>(async (options) => {
  const vae = await VaeGraph.open('vae_decoder', options);
  return {
    ready: { sizes: vae.format.vaeSizes },
    handlers: {
      decode: async (latents, call) => {
        const checked = vae.format.denormalise(checkLatents(latents, vae.format));
        const [, , height = 0, width = 0] = checked.shape;
        const grid = vae.tiles(height, width);
        const image = grid ? await vae.inTurn(() => decodeTiles(vae, checked, grid)) : await decodeWhole(vae, checked);
        call.transfer(image.rgb.buffer);
        return image;
      },
    },
  };
});

async function decodeWhole(vae: VaeGraph, latents: Tensor<'float32'>): Promise<DecodedImage> {
  const { output, kernelMs } = await vae.run(latents);
  const [, , height = 0, width = 0] = output.shape;
  return { ...toUint8Rgb(output.data, width, height), kernelMs, tile: undefined };
}

async function decodeTiles(vae: VaeGraph, latents: Tensor<'float32'>, grid: TileGrid): Promise<DecodedImage> {
  const { scale } = vae;
  const [height, width] = [grid.rows.length * scale, grid.columns.length * scale];
  const rgb = new Uint8ClampedArray(width * height * 3);
  let kernelMs = 0;
  await blendTiles(
    grid,
    { channels: 3, scale },
    async (top, left) => {
      const tile = await vae.run(cropPlanes(latents, { top, left, height: grid.rows.tile, width: grid.columns.tile }));
      kernelMs += tile.kernelMs;
      return tile.output.data;
    },
    ({ planes, planeLength, top, count }) =>
      interleaveRgb(planes, planeLength, rgb.subarray(top * width * 3, (top + count) * width * 3)),
  );
  return { width, height, rgb: new Uint8Array(rgb.buffer), kernelMs, tile: vae.tileSize(grid) };
}

/** Makes sure that latents may have come from this model's transformer, before kernels run on a shape that never fits. */
function checkLatents(latents: Tensor, format: LatentFormat): Tensor<'float32'> {
  const { minSide, maxSide } = format.vaeSizes;
  const [batch = 0, channels = 0, least = 0] = format.shape(minSide, minSide);
  const [, , most = 0] = format.shape(maxSide, maxSide);
  const [, , height = 0, width = 0] = latents.shape;
  const fits =
    latents.dataType === 'float32' &&
    sameShape(latents.shape, [batch, channels, height, width]) &&
    [height, width].every((side) => side >= least && side <= most);
  if (!fits) {
    throw PipelineError.invalidArgument(
      'latents',
      `latents are float32 of shape [1, ${channels}, ${least}..${most}, ${least}..${most}], not ${latents.dataType} of [${latents.shape.join(', ')}]`,
    );
  }
  const checked = latents as Tensor<'float32'>;
  if (!checked.data.every(Number.isFinite)) {
    throw PipelineError.invalidArgument('latents', 'latents must be finite numbers');
  }
  return checked;
}
