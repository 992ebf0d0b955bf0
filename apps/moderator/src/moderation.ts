import { join } from 'node:path';
import type {
  ModerateImageRequest,
  ModerateImageResponse,
  ModeratePromptRequest,
  ModeratePromptResponse,
  ModeratorServiceService,
  Verdict,
} from '@darkroom/contracts';
import { KernelMetrics, translateErrors } from '@darkroom/model-serving';
import { type Handlers, Log, Metrics, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from './config.js';
import { ImageClassifier } from './image/image-classifier.js';
import { parseLevel } from './policy/level.js';
import { readPolicy, refusedAt } from './policy/policy.js';
import { decide } from './policy/verdict.js';
import type { PromptClassifier } from './prompt/prompt-classifier.js';
import { RuleClassifier } from './prompt/rules/rule-classifier.js';

/**
 * Serves ModeratorService.
 *
 * It fails closed: a verdict is given only when every classifier has answered; anything else is an error, and never "allowed".
 */
@Injectable()
export class Moderation implements Handlers<typeof ModeratorServiceService>, OnApplicationShutdown {
  private readonly prompts;
  private readonly images;
  private readonly kernels: KernelMetrics;
  private readonly verdicts;

  constructor(config: Config, readiness: Readiness, log: Log, metrics: Metrics) {
    const policy = readPolicy();
    this.prompts = readiness.load('policy', async () => {
      const classifiers: readonly PromptClassifier[] = [new RuleClassifier(await policy)];
      return { policy: await policy, classifiers };
    });
    this.images = readiness.load('image classifier', async () => {
      const path = join(config.modelsDir, config.imageClassifier);
      // One thread is fast enough, and leaves the others to the model that makes the pictures.
      const classifier = await ImageClassifier.load(path, await policy, 1);
      log.info('image classifier verified', { classifiers: classifier.classifiers });
      void classifier.ended.then((error) => {
        if (error !== undefined) {
          // Thrown outside of any request, so that it ends the process, whose keeper starts it afresh.
          setImmediate(() => {
            throw error;
          });
        }
      });
      return { policy: await policy, classifier };
    });
    this.kernels = new KernelMetrics(metrics);
    this.verdicts = metrics.counter({
      name: 'darkroom_verdicts_total',
      help: 'Verdicts given, by what was judged and the category that refused it ("none" when allowed).',
      labelNames: ['subject', 'category'],
    });
  }

  async moderatePrompt(request: ModeratePromptRequest): Promise<ModeratePromptResponse> {
    const level = parseLevel(request.level);
    const { policy, classifiers } = await this.prompts;
    const startedAt = performance.now();
    const judgements = await Promise.all(classifiers.map((classifier) => classifier.classify(request.prompt)));
    const kernelMs = performance.now() - startedAt;
    const judgedAt = judgements.some(({ isStrict }) => isStrict) ? 'auto' : level;
    const verdict = decide(
      judgements.flatMap(({ findings }) => findings),
      refusedAt(policy, judgedAt),
      { classifiers: classifiers.flatMap((classifier) => classifier.classifiers), policyVersion: policy.version },
    );
    this.count('prompt', verdict);
    return { verdict, kernelMs };
  }

  async moderateImage({ image, level }: ModerateImageRequest): Promise<ModerateImageResponse> {
    // The policy judges pictures alike at every level, but not at one that it doesn't know.
    parseLevel(level);
    const { policy, classifier } = await translateErrors(this.images);
    const { findings, kernelMs } = await translateErrors(classifier.classify(image));
    const { classifiers } = classifier;
    const verdict = decide(findings, policy.image.refuse_at, { classifiers, policyVersion: policy.version });
    this.kernels.observe('moderation-nsfw', kernelMs);
    this.count('image', verdict);
    return { verdict, kernelMs };
  }

  async onApplicationShutdown(): Promise<void> {
    const [loaded] = await Promise.allSettled([this.images]);
    if (loaded.status === 'fulfilled') await loaded.value.classifier.close();
  }

  private count(subject: 'prompt' | 'image', { category }: Verdict): void {
    this.verdicts.inc({ subject, category: category === '' ? 'none' : category });
  }
}
