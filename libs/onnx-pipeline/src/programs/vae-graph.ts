import { expectDataType, type Tensor } from '@darkroom/tensor';
import { isBatchInvariant, RowBatcher, type RowGraph, type RowOutput } from '../batching/row-batcher.js';
import type { Family, LatentFormat } from '../families/family.js';
import { familyOf } from '../families/registry.js';
import { ModelFolder } from '../model-folder.js';
import { SelfTrimmingSession } from '../session/self-trimming-session.js';
import { planTiles, type TileGrid } from '../tiling/tile-plan.js';
import type { StageOptions } from './stage-options.js';

/** How a VAE uses the machine; everything has a default. */
export interface VaeOptions {
  /** Bytes that activations may take, 512 MiB by default: what would take more is done in tiles. */
  readonly memoryLimitBytes?: number | undefined;
  /**
   * Gives each image, or tile of one, a run of its own. Without it, the start finds out whether the provider's kernels give the same bits in
   * any batch, and only where they don't is it so.
   */
  readonly deterministic?: boolean;
}

/** The tiles that an image was worked on in, in pixels. */
export interface TileSize {
  readonly width: number;
  readonly height: number;
  /** The least that neighbours had in common. */
  readonly overlap: number;
}

/** What a VAE's program needs to start. */
export interface VaeProgramOptions extends StageOptions, VaeOptions {}

const defaultMemoryLimitBytes = 512 * 2 ** 20;

/** One of a VAE's two graphs: it runs what is asked for, and knows how much of an image it may take at once. */
export class VaeGraph {
  readonly format: LatentFormat;
  /** Pixels per latent position, along each axis. */
  readonly scale: number;
  readonly #family: Family;
  readonly #batcher: RowBatcher;
  /** Latent positions that may be worked on at once. */
  readonly #limit: number;
  /** Settles when the tiled images that were asked for are done. */
  #tiled: Promise<unknown> = Promise.resolve();

  private constructor(family: Family, format: LatentFormat, batcher: RowBatcher, limit: number) {
    this.#family = family;
    this.format = format;
    this.scale = format.vaeSizes.granularity;
    this.#batcher = batcher;
    this.#limit = limit;
  }

  /**
   * Loads a graph, and finds out whether batches change its bits.
   *
   * @throws PipelineError `model_damaged` when a file is not what the family reads.
   */
  static async open(component: 'vae_encoder' | 'vae_decoder', options: VaeProgramOptions): Promise<VaeGraph> {
    const { folderPath, memoryLimitBytes = defaultMemoryLimitBytes, deterministic = false, ...sessionOptions } = options;
    const folder = await ModelFolder.open(folderPath);
    const family = familyOf(folder);
    const [format, session] = await Promise.all([
      family.openLatentFormat(folder),
      SelfTrimmingSession.load(folder.graphPath(component, sessionOptions.precision), sessionOptions),
    ]);
    const { vaeTiling, vaeEncoder, vaeDecoder } = family;
    const decodes = component === 'vae_decoder';
    const { inputs, outputs } = decodes ? vaeDecoder : vaeEncoder;
    session.expect(component, inputs, outputs);
    const graph: RowGraph = async (rows) => {
      const result = await session.run(decodes ? family.vaeDecoderInputs(rows) : family.vaeEncoderInputs(rows));
      const output = result.outputs[outputs[0] as string] as Tensor;
      return { output: expectDataType(output, 'float32', `the output of ${component}`), kernelMs: result.kernelMs };
    };

    const { granularity, minSide } = format.vaeSizes;
    const bytesPerPixel = decodes ? vaeTiling.decoderBytesPerPixel : vaeTiling.encoderBytesPerPixel;
    const limit = memoryLimitBytes / (bytesPerPixel * granularity ** 2);
    const smallest = decodes ? format.shape(minSide, minSide) : [1, 3, minSide, minSide];
    const alone = deterministic || !(await isBatchInvariant(graph, smallest));
    const positions = ([, , height = 1, width = 1]: readonly number[]) => (height * width) / (decodes ? 1 : granularity ** 2);
    const batcher = new RowBatcher(graph, { alone, rowsThatFit: (shape) => Math.floor(limit / positions(shape)) });
    return new VaeGraph(family, format, batcher, limit);
  }

  /** Runs one image or tile, of batch 1, in the company of others of its shape. */
  run(row: Tensor<'float32'>): Promise<RowOutput> {
    return this.#batcher.run(row);
  }

  /** Tells how an image is cut, given its sides in latent positions; undefined when it stays whole. The size and the limit alone decide. */
  tiles(height: number, width: number): TileGrid | undefined {
    return planTiles(height, width, this.#limit, this.#family.vaeTiling);
  }

  /** Tells the size of tiles in pixels. */
  tileSize({ rows, columns }: TileGrid): TileSize {
    const { scale } = this;
    return { width: columns.tile * scale, height: rows.tile * scale, overlap: this.#family.vaeTiling.overlap * scale };
  }

  /** Does work on tiled images one after another, since each holds an image's memory; what is whole runs between their tiles. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#tiled.then(work);
    this.#tiled = result.catch(() => undefined);
    return result;
  }
}
