import path from 'node:path';
import { parseArgs } from 'node:util';
import { LocalError } from './config.js';
import type { GenerationRequest } from './gateway-client.js';

/** What `npm run generate -- …` was asked for. */
export interface GenerateOptions {
  readonly request: GenerationRequest;
  /** Files to write, one per image. */
  readonly files: readonly string[];
}

/** Text of `npm run generate -- --help`. */
export const generateHelp = `npm run generate -- "PROMPT" [options]

Makes an image of a prompt, writes it to a file and prints its receipt. Starts the platform if it isn't running, and stops
it afterwards in that case.

Options
  --seed N            same seed and options, same bytes; 0 to 4294967295 (drawn at random, and printed)
  --size WxH          in pixels, multiples of 32, 64 to 1024 a side (256x256)
  --steps N           denoising steps, 1 to 100 (the model's own: pocket 20, pocket-turbo 4)
  --quality NAME      instead of --steps: low (half the model's own), medium, high (twice)
  --guidance X        how strictly to follow the prompt, 0 to 20; up to 1 means without guidance (the model's own: 4, 1)
  --negative TEXT     what the image should not show
  --solver NAME       euler, heun or dpmpp_2m (the model's own: euler)
  --sigmas NAME       spacing of the noise levels: default, karras, exponential or beta (the model's own: default)
  --priority NAME     low, normal or high (normal)
  --deadline TIME     give up at this time, like 2026-11-24T18:00:00Z, at most 24 hours ahead (never)
  --n N               images, 1 to 10; image i is drawn from seed + i (1)
  --model NAME        a model of GET /v1/models (the first one served: pocket)
  --format FORMAT     png, jpeg or webp (from the ending of --out, else png)
  --out FILE          where to write; with several images: FILE-1, FILE-2, … (the prompt's words and the seed)
  -h, --help          this text

Ctrl-C cancels the generation.

Example
  npm run generate -- "a red apple on a blue background" --seed 7 --size 256x256 --steps 20 --guidance 4 --out apple.png
`;

const FORMAT_OF_ENDING: Readonly<Record<string, string>> = { '.png': 'png', '.jpg': 'jpeg', '.jpeg': 'jpeg', '.webp': 'webp' };
const ENDING_OF_FORMAT: Readonly<Record<string, string>> = { png: '.png', jpeg: '.jpg', webp: '.webp' };

function number(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new LocalError(`--${flag} must be a number, not "${text}".`);
  return value;
}

function outputFormat(format: string | undefined, out: string | undefined): string {
  if (format !== undefined && ENDING_OF_FORMAT[format] === undefined)
    throw new LocalError(`--format must be png, jpeg or webp, not "${format}".`);
  if (out === undefined) return format ?? 'png';
  const ending = path.extname(out).toLowerCase();
  const implied = FORMAT_OF_ENDING[ending];
  if (format === undefined && implied === undefined)
    throw new LocalError(`--out ${out} must end in .png, .jpg, .jpeg or .webp, or --format must be given.`);
  if (format !== undefined && implied !== undefined && format !== implied)
    throw new LocalError(`--format ${format} and --out ${out} don't agree.`);
  return format ?? implied ?? 'png';
}

function fileNames(base: string, ending: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => (count === 1 ? `${base}${ending}` : `${base}-${index + 1}${ending}`));
}

function slug(prompt: string): string {
  const words = prompt.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.join('-').slice(0, 60) || 'image';
}

/**
 * Reads the command line; ranges are the gateway's to check, so that they are written down once.
 * @returns undefined when help was asked for.
 * @throws LocalError when the prompt is missing or an option makes no sense.
 */
export function parseGenerateOptions(args: readonly string[], workingDir: string): GenerateOptions | undefined {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: text,
      size: text,
      steps: text,
      quality: text,
      guidance: text,
      negative: text,
      solver: text,
      sigmas: text,
      priority: text,
      deadline: text,
      n: text,
      model: text,
      format: text,
      out: text,
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return undefined;
  const [prompt, ...more] = positionals;
  if (prompt === undefined) throw new LocalError(`A prompt is missing.\n\n${generateHelp}`);
  if (more.length > 0)
    throw new LocalError(`The prompt must be one argument: put it in quotation marks ("${positionals.join(' ')}").`);
  const format = outputFormat(values.format, values.out);
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : number('seed', values.seed);
  const count = values.n === undefined ? 1 : number('n', values.n);
  const request: Record<string, string | number> = {
    prompt,
    seed,
    n: count,
    output_format: format,
    response_format: 'url',
    size: values.size ?? '256x256',
  };
  if (values.steps !== undefined) request['steps'] = number('steps', values.steps);
  if (values.guidance !== undefined) request['guidance_scale'] = number('guidance', values.guidance);
  if (values.negative !== undefined) request['negative_prompt'] = values.negative;
  for (const name of ['model', 'quality', 'solver', 'sigmas', 'priority', 'deadline'] as const) {
    const value = values[name];
    if (value !== undefined) request[name] = value;
  }
  const out = path.resolve(workingDir, values.out ?? `${slug(prompt)}-${seed}${ENDING_OF_FORMAT[format]}`);
  const ending = path.extname(out);
  return { request, files: fileNames(out.slice(0, out.length - ending.length), ending, Math.max(1, Math.min(count, 10))) };
}
