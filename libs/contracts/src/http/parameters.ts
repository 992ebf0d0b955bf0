/** Encodings of the delivered image, by the HTTP API's names. */
export const outputFormats = ['png', 'jpeg', 'webp'] as const;

/** One encoding of the delivered image. */
export type OutputFormat = (typeof outputFormats)[number];

/** How the image is delivered. */
export const responseFormats = ['b64_json', 'url'] as const;

/** One way of delivering the image. */
export type ResponseFormat = (typeof responseFormats)[number];

/** Methods that step from noise to image. */
export const solvers = ['euler', 'heun', 'dpmpp_2m'] as const;

/** One method that steps from noise to image. */
export type SolverParameter = (typeof solvers)[number];

/** Spacings of the noise levels that the steps go through; `default` is even, before the model's shift. */
export const sigmas = ['default', 'karras', 'exponential', 'beta'] as const;

/** One spacing of the noise levels. */
export type SigmasParameter = (typeof sigmas)[number];

/** How much work goes into an image, by OpenAI's names: those of its image models, and the two of dall-e-3. */
export const qualities = ['auto', 'low', 'medium', 'high', 'standard', 'hd'] as const;

/** One amount of work. */
export type Quality = (typeof qualities)[number];

/** How strictly prompts are judged, from the strictest on; pictures are judged alike at every level. */
export const moderationLevels = ['auto', 'low'] as const;

/** One degree of strictness. */
export type ModerationLevel = (typeof moderationLevels)[number];

/** What may be behind what is drawn; no model draws transparency. */
export const backgrounds = ['auto', 'opaque'] as const;

/** Longest name of a client's user, in UTF-16 code units. */
export const maxUserLength = 512;

/** How urgent a generation can be. */
export const priorities = ['low', 'normal', 'high'] as const;

/** One degree of urgency. */
export type Priority = (typeof priorities)[number];

/** Farthest that a deadline may lie ahead: as long as generations are kept. */
export const maxDeadlineAheadMs = 24 * 60 * 60 * 1000;

/** Range of each numeric parameter; error messages and the docs read them from here. */
export const ranges = {
  n: { min: 1, max: 10 },
  steps: { min: 1, max: 100 },
  guidance_scale: { min: 0, max: 20 },
  seed: { min: 0, max: 2 ** 32 - 1 },
  first_block_cache: { min: 0, max: 1 },
  partial_images: { min: 0, max: 3 },
  output_compression: { min: 0, max: 100 },
  strength: { min: 0.01, max: 1 },
} as const;

/** Most tokens a prompt may have. */
export const maxPromptTokens = 32_768;

/** Largest file of a picture to edit, and of its mask. */
export const maxPictureBytes = 20 * 1024 * 1024;

/** Most pixels of a picture to edit, as it is sent. */
export const maxPicturePixels = 16_777_216;

/** How many images a request that doesn't say gets. */
export const defaultImageCount = 1;

/** What sizes a model draws, how it is called, and how it works unless a request says otherwise. */
export interface ServedModel {
  readonly id: string;
  /** Sides are multiples of this many pixels. */
  readonly granularity: number;
  readonly minSide: number;
  readonly maxSide: number;
  readonly maxPixels: number;
  /** What `size: "auto"` means. */
  readonly defaultSize: { readonly width: number; readonly height: number };
  readonly defaultSteps: number;
  readonly defaultGuidanceScale: number;
}

/** What a model's own `model_index.json` says of how it is best used. */
export type ModelDefaults = Pick<ServedModel, 'defaultSteps' | 'defaultGuidanceScale'>;

/** Describes a model of the pocket family, whose VAE halves a side four times and whose transformer takes 2×2 patches. */
export function pocketFamilyModel(id: string, defaults: ModelDefaults): ServedModel {
  return {
    id,
    granularity: 32,
    minSide: 64,
    maxSide: 1024,
    maxPixels: 1024 * 1024,
    defaultSize: { width: 256, height: 256 },
    ...defaults,
  };
}
