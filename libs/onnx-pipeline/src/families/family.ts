import type { NamedTensors, Shape, Tensor } from '@darkroom/tensor';
import type { ModelFolder } from '../model-folder.js';
import type { TileOverlap } from '../tiling/tile-plan.js';

/**
 * What sets one kind of model apart from another: how prompts become tensors, latents are shaped, and the graphs' inputs are
 * named. Everything else, from the step loop to the services, is the same for all families.
 *
 * A family is used on worker threads, which open the model folder for themselves, and for previews on the main thread, so it holds no
 * state of its own.
 */
export interface Family {
  /** `_class_name` of the `model_index.json` files it reads. */
  readonly className: string;
  readonly textEncoder: GraphNames;
  readonly transformer: GraphNames;
  readonly vaeEncoder: GraphNames;
  readonly vaeDecoder: GraphNames;
  readonly vaeTiling: VaeTiling;
  /** How conditioning that is as long as its prompt is padded; absent where it has one length, or no free one. */
  readonly conditioningPadding?: ConditioningPadding;
  openPromptFormat(folder: ModelFolder): Promise<PromptFormat>;
  openLatentFormat(folder: ModelFolder): Promise<LatentFormat>;
  /** Names the hidden states around the transformer's blocks; absent where first-block caching is not possible. */
  openBlockBoundaries?(folder: ModelFolder): Promise<BlockBoundaries>;
  /** Names the transformer's inputs for one step of a batch. */
  transformerInputs(step: TransformerStep): NamedTensors;
  /** Names the VAE decoder's inputs. */
  vaeDecoderInputs(latents: Tensor<'float32'>): NamedTensors;
  /** Names the VAE encoder's inputs, given float32 [batch, 3, height, width] in [-1, 1]. */
  vaeEncoderInputs(images: Tensor<'float32'>): NamedTensors;
}

/**
 * How conditioning of different lengths is brought to few, so that it can share batches: padded with zeros, under a mask.
 *
 * The transformer must not let masked tokens count at all; what it computes may then differ from the unpadded in the last bits alone.
 */
export interface ConditioningPadding {
  /** The text encoder's outputs whose second axis is the sequence; the transformer's axis must be free. */
  readonly sequences: readonly string[];
  /** The transformer's input [batch, sequence] that is 1 on tokens and 0 on padding. Where the text encoder gives it too, it is extended. */
  readonly mask: string;
  readonly maskType: 'int64' | 'float32';
  /** Lengths are multiples of this: smaller pads less, larger lets more share a batch. */
  readonly granularity: number;
}

/** How a VAE may be cut into tiles, and when it has to be. */
export interface VaeTiling extends TileOverlap {
  /** Bytes of activations for each pixel of an image, as measured at most, rounded up. */
  readonly encoderBytesPerPixel: number;
  readonly decoderBytesPerPixel: number;
}

/** Tensors inside the transformer's graph, where it can be split: the hidden states of all tokens, float32 [batch, tokens, width]. */
export interface BlockBoundaries {
  readonly beforeFirst: string;
  readonly afterFirst: string;
  readonly afterLast: string;
}

/** Inputs and outputs a graph must have. */
export interface GraphNames {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** How prompts become inputs of the text encoder's graph. */
export interface PromptFormat {
  /** The most tokens a prompt may have. */
  readonly maxTokens: number;
  /** Splits a prompt into token ids, special tokens included. */
  tokenize(prompt: string): readonly number[];
  /** Lays token ids out as the graph's inputs, padded as it wants them. */
  textEncoderInputs(tokenIds: readonly number[]): NamedTensors;
}

/** How latents are shaped and scaled. */
export interface LatentFormat {
  /** What the transformer can make. */
  readonly sizes: SizeLimits;
  /** What the VAE takes, both ways; its granularity is how many pixels a latent position stands for along each axis. */
  readonly vaeSizes: SizeLimits;
  /** Returns the latents' shape, [1, channels, height, width], for an image size in pixels that has been checked. */
  shape(width: number, height: number): Shape;
  /** Returns how many tokens the transformer makes of an image of that size; schedules may lean on it. */
  tokens(width: number, height: number): number;
  /** Undoes the normalisation the transformer was trained with, giving what the VAE decodes; float32, same shape. */
  denormalise(latents: Tensor<'float32'>): Tensor<'float32'>;
  /** Scales the VAE's means to what the transformer was trained on, the inverse of {@link denormalise}; float32, same shape. */
  normalise(latents: Tensor<'float32'>): Tensor<'float32'>;
  /** Projects normalised latents [1, channels, height, width] straight to a small picture, one pixel per latent position. */
  preview(latents: Tensor<'float32'>): RgbImage;
}

/** Image sizes, in pixels. */
export interface SizeLimits {
  /** Width and height are multiples of this. */
  readonly granularity: number;
  readonly minSide: number;
  readonly maxSide: number;
  readonly maxPixels: number;
}

/** An uncompressed picture: uint8 [height, width, 3], row-major. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** What the transformer sees at one step; the first axis of every tensor is the batch. */
export interface TransformerStep {
  /** float32 [batch, channels, height, width]. */
  readonly latents: Tensor<'float32'>;
  /** float32 [batch], as the scheduler gives them: sigma * numTrainTimesteps. */
  readonly timesteps: Tensor<'float32'>;
  /** The text encoder's outputs, one row per sample. */
  readonly conditioning: NamedTensors;
}
