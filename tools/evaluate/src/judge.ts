import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { OnnxSession, type RgbImage } from '@darkroom/onnx-pipeline';
import { expectDataType, type Tensor, tensor } from '@darkroom/tensor';

/** Where `train.py judge` writes the judge. */
export const judgeFolder = new URL('../judge/', import.meta.url);

/** The outputs of the judge's graph. */
const outputs = ['first', 'first_colour', 'second', 'second_colour', 'layout', 'background'] as const;

type Output = (typeof outputs)[number];

/** What the judge sees in a picture: always an answer to each question, whether or not the caption asks it. */
export interface Seen {
  readonly first: string;
  readonly firstColour: string;
  readonly second: string;
  readonly secondColour: string;
  readonly layout: string;
  readonly background: string;
}

interface JudgeConfig {
  readonly input: { readonly name: string; readonly side: number };
  readonly outputs: Readonly<Record<Output, readonly string[]>>;
}

/** A classifier trained on real scenes alone, that tells what a picture shows without knowing what was asked for. */
export class Judge {
  /** Digest of the judge's `digests.json`: figures by different judges can't be compared. */
  readonly digest: string;
  readonly #session: OnnxSession;
  readonly #config: JudgeConfig;

  private constructor(session: OnnxSession, config: JudgeConfig, digest: string) {
    this.#session = session;
    this.#config = config;
    this.digest = digest;
  }

  /**
   * Verifies and loads the judge.
   *
   * @throws Error naming the file that is not what its digest says.
   */
  static async load(threads: number, folder: URL = judgeFolder): Promise<Judge> {
    const digests = await readFile(new URL('digests.json', folder));
    const { files } = JSON.parse(digests.toString()) as { files: Readonly<Record<string, string>> };
    for (const [name, digest] of Object.entries(files)) {
      const actual = sha256(await readFile(new URL(name, folder)));
      if (actual !== digest) throw new Error(`the judge's ${name} should be ${digest} but is ${actual}`);
    }
    const config = JSON.parse(await readFile(new URL('config.json', folder), 'utf8')) as JudgeConfig;
    const session = await OnnxSession.load({ path: fileURLToPath(new URL('model.onnx', folder)), threads });
    return new Judge(session, config, sha256(digests));
  }

  /**
   * Tells what a picture shows.
   *
   * @throws RangeError when the picture is no square of a multiple of the judge's side.
   */
  async look(picture: RgbImage): Promise<Seen> {
    const { input, outputs: labels } = this.#config;
    const run = await this.#session.run({ [input.name]: judgeInput(picture, input.side) });
    const likeliest = Object.fromEntries(
      outputs.map((name) => [name, likeliestLabel(run.outputs[name] as Tensor, labels[name])]),
    ) as Record<Output, string>;
    const { first, first_colour, second, second_colour, layout, background } = likeliest;
    return { first, firstColour: first_colour, second, secondColour: second_colour, layout, background };
  }

  /** Ends the worker thread. */
  async close(): Promise<void> {
    await this.#session.close();
  }
}

/**
 * Averages a picture over whole squares of pixels, as the judge was trained.
 *
 * @returns float32 [1, 3, side, side] in [-1, 1].
 * @throws RangeError when the picture is no square of a multiple of side.
 */
export function judgeInput({ width, height, rgb }: RgbImage, side: number): Tensor<'float32'> {
  const factor = width / side;
  if (width !== height || !Number.isInteger(factor)) {
    throw new RangeError(`the judge looks at squares of a multiple of ${side} pixels, not at ${width}x${height}`);
  }
  const planes = new Float32Array(3 * side * side);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / factor) * side;
    for (let x = 0; x < width; x++) {
      const cell = row + Math.floor(x / factor);
      for (let channel = 0; channel < 3; channel++) {
        const at = channel * side * side + cell;
        planes[at] = (planes[at] as number) + (rgb[(y * width + x) * 3 + channel] as number);
      }
    }
  }
  const scale = 1 / (127.5 * factor * factor);
  return tensor(
    'float32',
    [1, 3, side, side],
    planes.map((sum) => sum * scale - 1),
  );
}

/**
 * Names the class of the highest probability.
 *
 * @param probabilities float32 [1, classes].
 * @throws RangeError when there is not one probability to a label, or one is not finite.
 */
export function likeliestLabel(probabilities: Tensor, labels: readonly string[]): string {
  const { data } = expectDataType(probabilities, 'float32', "the judge's output");
  if (data.length !== labels.length || !data.every(Number.isFinite)) {
    throw new RangeError(`${data.length} probabilities for ${labels.length} labels, or some that are not finite`);
  }
  return labels[data.indexOf(Math.max(...data))] as string;
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
