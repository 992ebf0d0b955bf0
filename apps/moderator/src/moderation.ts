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
import { OnnxPictureClassifier } from './image/onnx-picture-classifier.js';
import type { PictureClassifier, PictureFindings } from './image/picture-classifier.js';
import { parseLevel } from './policy/level.js';
import { type Policy, readPolicy, refusedAt } from './policy/policy.js';
import { decide } from './policy/verdict.js';
import type { PromptClassifier } from './prompt/prompt-classifier.js';
import { RuleClassifier } from './prompt/rules/rule-classifier.js';
import { remoteClassifiers } from './remote/remote-classifiers.js';

/**
 * Judges prompts and pictures.
 *
 * It fails closed: a verdict is given only when every classifier has answered; anything else is an error, and never "allowed".
 */
@Injectable()
export class Moderation implements Handlers<typeof ModeratorServiceService>, OnApplicationShutdown {
  private readonly prompts;
  private readonly pictures;
  private readonly isOff: boolean;
  private readonly kernels: KernelMetrics;
  private readonly verdicts;

  constructor(config: Config, readiness: Readiness, log: Log, metrics: Metrics) {
    const policy = readPolicy();
    const remote = remoteClassifiers(config);
    this.prompts = readiness.load('policy', async () => {
      const classifiers: readonly PromptClassifier[] = [new RuleClassifier(await policy), ...remote];
      return { policy: await policy, classifiers };
    });
    this.pictures = readiness.load('image classifiers', async () => {
      const local = await Promise.all(config.imageClassifiers.map((name) => this.open(join(config.modelsDir, name), log)));
      const classifiers: readonly PictureClassifier[] = [...local, ...remote];
      return { policy: await policy, classifiers };
    });
    this.isOff = config.moderation === 'off';
    if (this.isOff) log.error('MODERATION IS OFF: what the policy refuses is let through; only a red team may run this');
    metrics
      .gauge({
        name: 'darkroom_moderation_info',
        help: 'Always 1; its label tells whether the policy refuses anything: on, or off for a red team.',
        labelNames: ['moderation'],
      })
      .set({ moderation: config.moderation }, 1);
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
      this.isOff ? {} : refusedAt(policy, judgedAt),
      { classifiers: classifiers.flatMap((classifier) => classifier.classifiers), policy: this.named(policy), level: judgedAt },
    );
    this.count('prompt', verdict);
    return { verdict, kernelMs };
  }

  async moderateImage(request: ModerateImageRequest): Promise<ModerateImageResponse> {
    // The policy judges pictures alike at every level, but not at one that it doesn't know.
    const level = parseLevel(request.level);
    const { policy, classifiers } = await translateErrors(this.pictures);
    const judgements = await Promise.all(classifiers.map((classifier) => this.ask(classifier, request.image)));
    const kernelMs = judgements.reduce((sum, judgement) => sum + judgement.kernelMs, 0);
    const verdict = decide(
      judgements.flatMap(({ findings }) => findings),
      this.isOff ? {} : policy.image.refuse_at,
      { classifiers: classifiers.flatMap((classifier) => classifier.classifiers), policy: this.named(policy), level },
    );
    this.count('image', verdict);
    return { verdict, kernelMs };
  }

  async onApplicationShutdown(): Promise<void> {
    const [loaded] = await Promise.allSettled([this.pictures]);
    if (loaded.status === 'fulfilled') await Promise.all(loaded.value.classifiers.map((classifier) => classifier.close?.()));
  }

  /** Opens a classifier that runs here, whose death is the process's: its keeper starts both afresh. */
  private async open(path: string, log: Log): Promise<OnnxPictureClassifier> {
    // One thread is fast enough, and leaves the others to the model that makes the pictures.
    const classifier = await OnnxPictureClassifier.load(path, 1);
    log.info('image classifier verified', { classifiers: classifier.classifiers });
    void classifier.ended.then((error) => {
      if (error !== undefined) {
        // Thrown outside of any request, so that it ends the process.
        setImmediate(() => {
          throw error;
        });
      }
    });
    return classifier;
  }

  private async ask(classifier: PictureClassifier, image: Uint8Array): Promise<PictureFindings> {
    const found = await translateErrors(classifier.classify(image));
    if (classifier instanceof OnnxPictureClassifier) this.kernels.observe(classifier.name, found.kernelMs);
    return found;
  }

  /** Names the policy that decided; one that was told to refuse nothing is another one. */
  private named({ version, digest }: Policy): Pick<Policy, 'version' | 'digest'> {
    return { version: this.isOff ? `${version}+off` : version, digest };
  }

  private count(subject: 'prompt' | 'image', { category }: Verdict): void {
    this.verdicts.inc({ subject, category: category === '' ? 'none' : category });
  }
}
