import { fromAzureSeverity, type HarmCategory } from '@darkroom/contracts';
import sharp from 'sharp';
import { z } from 'zod';
import { decodeImage } from '../image/decode-image.js';
import type { PictureClassifier, PictureFindings } from '../image/picture-classifier.js';
import type { Finding } from '../policy/verdict.js';
import type { PromptClassifier, PromptFindings } from '../prompt/prompt-classifier.js';
import { RemoteService } from './remote-service.js';
import { sectionsOf } from './sections.js';

/** How Azure AI Content Safety is reached. */
export interface AzureContentSafetyOptions {
  /** Address of the resource, like `https://NAME.cognitiveservices.azure.com`. */
  readonly endpoint: string;
  readonly key: string;
  readonly timeoutMs: number;
}

/** Version of their REST API that this speaks. */
const apiVersion = '2024-09-01';

/** Our category of each of theirs. */
const categories = { Hate: 'hate', SelfHarm: 'self_harm', Sexual: 'sexual', Violence: 'violence' } as const satisfies Record<
  string,
  HarmCategory
>;

type TheirCategory = keyof typeof categories;

const theirs = Object.keys(categories) as TheirCategory[];

const answer = z.object({
  categoriesAnalysis: z
    .array(z.object({ category: z.enum(theirs), severity: z.int().min(0).max(7) }))
    // One that is missing was not judged, and may not pass for harmless.
    .refine((all) => theirs.every((one) => all.some(({ category }) => category === one)), 'it judged too few categories'),
});

/** Their limits: text of 10,000 characters, pictures of 50 to 2,048 pixels on a side and 4 MB. */
const [sectionLength, shortestSide, longestSide] = [10_000, 50, 2_048];

/** Asks Azure AI Content Safety about prompts and pictures. */
export class AzureContentSafety implements PromptClassifier, PictureClassifier {
  readonly classifiers = [`azure-content-safety ${apiVersion}`];
  private readonly service: RemoteService;
  private readonly endpoint: string;

  constructor({ endpoint, key, timeoutMs }: AzureContentSafetyOptions) {
    const headers = { 'ocp-apim-subscription-key': key };
    this.service = new RemoteService({ name: 'azure-content-safety', headers, timeoutMs });
    this.endpoint = endpoint.replace(/\/$/, '');
  }

  classify(content: string): Promise<PromptFindings>;
  classify(content: Uint8Array): Promise<PictureFindings>;
  async classify(content: string | Uint8Array): Promise<PromptFindings & PictureFindings> {
    const common = { categories: theirs, outputType: 'FourSeverityLevels' };
    const analyses =
      typeof content === 'string'
        ? await Promise.all(sectionsOf(content, sectionLength).map((text) => this.ask('text', { text, ...common })))
        : [await this.ask('image', { image: { content: (await fitting(content)).toString('base64') }, ...common })];
    return { findings: theirs.map((one) => gravest(one, analyses)), isStrict: false, kernelMs: 0 };
  }

  private async ask(kind: 'text' | 'image', question: object) {
    const url = new URL(`${this.endpoint}/contentsafety/${kind}:analyze?api-version=${apiVersion}`);
    return (await this.service.ask(url, question, answer)).categoriesAnalysis;
  }
}

function gravest(one: TheirCategory, analyses: readonly z.output<typeof answer>['categoriesAnalysis'][]): Finding {
  const all = analyses.flat().filter(({ category }) => category === one);
  const severity = fromAzureSeverity(Math.max(...all.map((analysis) => analysis.severity)));
  const category = categories[one];
  return { category, score: severity / 3, severity, reason: severity > 0 ? `${category}.azure` : '' };
}

/** Brings a picture within their limits. */
async function fitting(image: Uint8Array): Promise<Buffer> {
  const { data, width, height } = await decodeImage(image);
  const scale = Math.min(1, longestSide / Math.max(width, height));
  const side = (length: number) => Math.max(shortestSide, Math.round(length * scale));
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: side(width), height: side(height), fit: 'fill' })
    .jpeg({ quality: 90 })
    .toBuffer();
}
