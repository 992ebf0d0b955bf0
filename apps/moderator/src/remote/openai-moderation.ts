import { encodingOf, type HarmCategory, type Severity } from '@darkroom/contracts';
import { z } from 'zod';
import type { PictureClassifier, PictureFindings } from '../image/picture-classifier.js';
import type { Finding } from '../policy/verdict.js';
import type { PromptClassifier, PromptFindings } from '../prompt/prompt-classifier.js';
import { RemoteService } from './remote-service.js';
import { sectionsOf } from './sections.js';

/** How OpenAI's moderation endpoint, or one that speaks its language, is reached. */
export interface OpenAiModerationOptions {
  /** Address of the API, like `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  readonly timeoutMs: number;
}

/** Our category of each of theirs. */
const categories: Readonly<Record<string, HarmCategory>> = {
  'sexual/minors': 'child_safety',
  sexual: 'sexual',
  'self-harm': 'self_harm',
  'self-harm/intent': 'self_harm',
  'self-harm/instructions': 'self_harm',
  violence: 'violence',
  'violence/graphic': 'violence',
  hate: 'hate',
  'hate/threatening': 'hate',
  harassment: 'hate',
  'harassment/threatening': 'hate',
  illicit: 'illicit',
  'illicit/violent': 'illicit',
};

/** Scores from which on a finding has severity 1, 2 and 3: their scores are probabilities, and say little about how grave it is. */
const severityFrom = [0.3, 0.5, 0.9];

const score = z.number().min(0).max(1);
const answer = z.object({
  model: z.string(),
  results: z
    .array(
      z.object({
        category_scores: z.object({ sexual: score, 'sexual/minors': score, violence: score }).catchall(score.nullable()),
      }),
    )
    .min(1),
});

/** Longest text of one input, in UTF-16 code units. */
const sectionLength = 16_000;

/** Asks OpenAI's moderation endpoint about prompts and pictures. */
export class OpenAiModeration implements PromptClassifier, PictureClassifier {
  readonly classifiers: readonly string[];
  private readonly service: RemoteService;
  private readonly url: URL;
  private readonly model: string;

  constructor({ baseUrl, apiKey, model, timeoutMs }: OpenAiModerationOptions) {
    this.service = new RemoteService({ name: 'openai-moderation', headers: { authorization: `Bearer ${apiKey}` }, timeoutMs });
    this.url = new URL(`${baseUrl.replace(/\/$/, '')}/moderations`);
    this.model = model;
    this.classifiers = [`openai-moderation ${model}`];
  }

  classify(content: string): Promise<PromptFindings>;
  classify(content: Uint8Array): Promise<PictureFindings>;
  async classify(content: string | Uint8Array): Promise<PromptFindings & PictureFindings> {
    const input = typeof content === 'string' ? sectionsOf(content, sectionLength) : [pictureInput(content)];
    const { results } = await this.service.ask(this.url, { model: this.model, input }, answer);
    return { findings: findingsOf(results.map(({ category_scores }) => category_scores)), isStrict: false, kernelMs: 0 };
  }
}

function pictureInput(image: Uint8Array) {
  return {
    type: 'image_url',
    image_url: { url: `data:image/${encodingOf(image) ?? 'png'};base64,${Buffer.from(image).toString('base64')}` },
  };
}

/** Takes of each of our categories the surest of theirs, over all parts of the content. */
function findingsOf(parts: readonly Readonly<Record<string, number | null>>[]): Finding[] {
  const surest = new Map<HarmCategory, Finding>();
  for (const [theirs, category] of Object.entries(categories)) {
    // Of a picture some categories are not judged, and are null or 0 then.
    const sure = Math.max(...parts.map((scores) => scores[theirs] ?? 0));
    const severity = severityFrom.filter((from) => sure >= from).length as Severity;
    if (sure < (surest.get(category)?.score ?? 0)) continue;
    const reason = severity > 0 ? `${category}.openai_${theirs.replaceAll(/\W/g, '_')}` : '';
    surest.set(category, { category, score: sure, severity, reason });
  }
  return [...surest.values()];
}
