import path from 'node:path';
import { Denoiser, ModelFolder, PromptEncoder, type RgbImage, VaeDecoder } from '@darkroom/onnx-pipeline';
import { prompts } from '../prompts.js';

/** What a prompt goes on with, so that pictures differ in what is hard for a mark: light, dark and busy backgrounds. */
const backgrounds = ['', 'on a white background', 'on a black background', 'on a yellow background', 'on a purple background'];

/** What is drawn. */
export interface Drawing {
  readonly modelsDir: string;
  readonly model: string;
  readonly count: number;
  /** Of both sides, in pixels. */
  readonly side: number;
  readonly signal: AbortSignal;
}

/** Draws pictures with a served model, as it draws them by itself, each from a seed and a prompt of its own. */
export async function drawPictures({ modelsDir, model, count, side, signal }: Drawing): Promise<RgbImage[]> {
  const folder = await ModelFolder.open(path.join(modelsDir, model));
  const options = { threads: 2 };
  const encoder = await PromptEncoder.load(folder, options);
  const denoiser = await Denoiser.load(folder, options);
  const decoder = await VaeDecoder.load(folder, options);
  const isDistilled = model.endsWith('-turbo');
  try {
    const { conditioning: negativeConditioning } = await encoder.encode('');
    const drawn: RgbImage[] = [];
    for (let seed = 0; seed < count; seed++) {
      const prompt =
        `${prompts[seed % prompts.length]} ${backgrounds[Math.floor(seed / prompts.length) % backgrounds.length]}`.trim();
      const { conditioning } = await encoder.encode(prompt);
      const guidance = isDistilled ? { steps: 4, guidanceScale: 1 } : { steps: 20, guidanceScale: 4, negativeConditioning };
      const { latents } = await denoiser.denoise({ seed, width: side, height: side, conditioning, ...guidance }, { signal });
      drawn.push(await decoder.decode(latents));
    }
    return drawn;
  } finally {
    await Promise.all([encoder, denoiser, decoder].map((stage) => stage.close()));
  }
}
