import type { ImageGenerationRequest, Model } from '@darkroom/client';

/** Everything a person can set; what is null is left to the model. */
export interface Settings {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly model: string | null;
  /** "WIDTHxHEIGHT". */
  readonly size: string | null;
  readonly seed: number;
  /** Whether the seed stays when another picture is made. */
  readonly keepSeed: boolean;
  readonly steps: number | null;
  readonly guidanceScale: number | null;
  readonly solver: string | null;
  readonly sigmas: string | null;
  /** The picture to start from. */
  readonly picture: SourcePicture | null;
}

/** A picture that another one is made from. */
export interface SourcePicture {
  readonly image: Blob;
  /** A PNG of its size whose transparent pixels are drawn anew; null when all of it is. */
  readonly mask: Blob | null;
  readonly width: number;
  readonly height: number;
  /** How far to depart from it; null is left to the gateway. */
  readonly strength: number | null;
}

/** Pictures that are shown while one develops. */
export const partialImages = 3;

/** Draws a seed. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/** What is set when the page is opened for the first time. */
export function initialSettings(): Settings {
  return {
    prompt: '',
    negativePrompt: '',
    model: null,
    size: null,
    seed: randomSeed(),
    keepSeed: false,
    steps: null,
    guidanceScale: null,
    solver: null,
    sigmas: null,
    picture: null,
  };
}

/** The request that settings stand for, without what is left to the model. */
export function requestOf(settings: Settings): ImageGenerationRequest {
  const { prompt, negativePrompt, model, size, seed, steps, guidanceScale, solver, sigmas } = settings;
  return Object.fromEntries(
    Object.entries({
      prompt,
      negative_prompt: negativePrompt === '' ? null : negativePrompt,
      model,
      size,
      seed,
      steps,
      guidance_scale: guidanceScale,
      solver,
      sigmas,
    }).filter(([, value]) => value !== null),
  ) as ImageGenerationRequest;
}

/** The part of an address that brings someone else the same settings: what follows its `#`. */
export function toFragment(settings: Settings): string {
  const given = Object.entries(requestOf(settings));
  return new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
}

/** Reads settings from what follows the `#` of an address; undefined when it holds no prompt. */
export function fromFragment(fragment: string): Settings | undefined {
  const given = new URLSearchParams(fragment.replace(/^#/, ''));
  const prompt = given.get('prompt');
  if (prompt === null) return undefined;
  const number = (name: string) => {
    const value = Number(given.get(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : null;
  };
  return {
    ...initialSettings(),
    prompt,
    negativePrompt: given.get('negative_prompt') ?? '',
    model: given.get('model'),
    size: given.get('size'),
    seed: number('seed') ?? randomSeed(),
    // Whoever shares a picture shares its seed.
    keepSeed: given.has('seed'),
    steps: number('steps'),
    guidanceScale: number('guidance_scale'),
    solver: given.get('solver'),
    sigmas: given.get('sigmas'),
  };
}

/** A shape that a picture can have. */
export interface Shape {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

const ratios: readonly (readonly [name: string, width: number, height: number])[] = [
  ['Square', 1, 1],
  ['Landscape', 4, 3],
  ['Portrait', 3, 4],
  ['Wide', 16, 9],
  ['Tall', 9, 16],
];

/** The shapes that a model can draw, all with about as many pixels as its default size, times a factor. */
export function shapesOf({ size }: Pick<Model, 'size'>, factor = 1): Shape[] {
  const [width = 256, height = 256] = size.default.split('x').map(Number);
  const pixels = Math.min(width * height * factor, size.max_pixels);
  const nearest = (side: number) => {
    const whole = Math.round(side / size.granularity) * size.granularity;
    return Math.min(size.max_side, Math.max(size.min_side, whole));
  };
  return ratios.map(([name, across, down]) => ({
    name,
    width: nearest(Math.sqrt((pixels * across) / down)),
    height: nearest(Math.sqrt((pixels * down) / across)),
  }));
}
