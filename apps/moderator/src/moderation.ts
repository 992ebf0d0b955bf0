import { join } from 'node:path';
import type {
  ModerateImageRequest,
  ModerateImageResponse,
  ModeratePromptRequest,
  ModeratePromptResponse,
  ModerationContext,
  ModeratorServiceService,
  Verdict,
} from '@darkroom/contracts';
import { KernelMetrics, translateErrors } from '@darkroom/model-serving';
import { type Handlers, Log, Metrics, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from './config.js';
import { blurred } from './image/blur.js';
import { OnnxPictureClassifier } from './image/onnx-picture-classifier.js';
import type { PictureClassifier, PictureFindings } from './image/picture-classifier.js';
import { parseLevel } from './policy/level.js';
import { parseStage } from './policy/stage.js';
import { TenantPolicies } from './policy/tenant-policies.js';
import { type Judged, verdictOf } from './policy/verdict.js';
import { ExemptingClassifier } from './prompt/exempting-classifier.js';
import type { PromptClassifier } from './prompt/prompt-classifier.js';
import { RuleClassifier } from './prompt/rules/rule-classifier.js';
import { readRuleSet } from './prompt/rules/rule-set.js';
import { OnnxTextClassifier } from './prompt/text/onnx-text-classifier.js';
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
  private readonly policies: TenantPolicies;
  private readonly kernels: KernelMetrics;
  private readonly verdicts;

  constructor(config: Config, policies: TenantPolicies, readiness: Readiness, log: Log, metrics: Metrics) {
    this.policies = policies;
    const remote = remoteClassifiers(config);
    const rules = readiness.load('rules for prompts', async () => new RuleClassifier(await readRuleSet()));
    const trained = this.loadTextClassifiers(config, readiness, log);
    this.prompts = Promise.all([rules, trained]).then(([first, others]): readonly PromptClassifier[] => {
      return [first, ...[...others, ...remote].map((classifier) => new ExemptingClassifier(classifier))];
    });
    // What failed is told by `/readyz`, and to whoever asks for a verdict.
    this.prompts.catch(() => {});
    this.pictures = readiness.load('image classifiers', async (): Promise<readonly PictureClassifier[]> => {
      const open = async (name: string) =>
        // One thread is fast enough, and leaves the others to the model that makes the pictures.
        endsWithProcess(await OnnxPictureClassifier.load(join(config.modelsDir, name), 1), 'image classifier', log);
      return [...(await Promise.all(config.imageClassifiers.map(open))), ...remote];
    });
    if (config.moderation === 'off')
      log.error('MODERATION IS OFF: what the policy refuses is let through; only a red team may run this');
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

  async moderatePrompt({ prompt, level, context }: ModeratePromptRequest): Promise<ModeratePromptResponse> {
    const asked = parseLevel(level);
    const stage = parseStage(context, 'prompt');
    const [policy, classifiers] = await this.ready(context, this.prompts);
    const startedAt = performance.now();
    const judgements = await Promise.all(classifiers.map((classifier) => classifier.classify(prompt, policy.exemptions)));
    const kernelMs = performance.now() - startedAt;
    const verdict = verdictOf(
      judgements.flatMap(({ findings }) => findings),
      policy,
      {
        stage,
        level: judgements.some(({ isStrict }) => isStrict) ? 'auto' : asked,
        ...judgedBy(classifiers),
      },
    );
    this.count('prompt', verdict);
    return { verdict, kernelMs };
  }

  async moderateImage({ image, level, context, blur }: ModerateImageRequest): Promise<ModerateImageResponse> {
    const asked = parseLevel(level);
    const stage = parseStage(context, 'output_image');
    const [policy, classifiers] = await this.ready(context, this.pictures);
    const judgements = await Promise.all(classifiers.map((classifier) => this.ask(classifier, image)));
    const kernelMs = judgements.reduce((sum, judgement) => sum + judgement.kernelMs, 0);
    const verdict = verdictOf(
      judgements.flatMap(({ findings }) => findings),
      policy,
      { stage, level: asked, ...judgedBy(classifiers) },
    );
    this.count('image', verdict);
    const isToBeBlurred = verdict.allowed && (blur || verdict.action === 'blur');
    return { verdict, kernelMs, blurred: isToBeBlurred ? await blurred(image) : Buffer.alloc(0) };
  }

  async onApplicationShutdown(): Promise<void> {
    const loaded = await Promise.allSettled([this.prompts, this.pictures]);
    const classifiers = loaded.flatMap((one): readonly (PromptClassifier | PictureClassifier)[] =>
      one.status === 'fulfilled' ? one.value : [],
    );
    await Promise.all(classifiers.map((classifier) => classifier.close?.()));
  }

  private loadTextClassifiers(config: Config, readiness: Readiness, log: Log): Promise<readonly OnnxTextClassifier[]> {
    if (config.textClassifiers.length === 0) {
      log.error(
        'THERE IS NO TEXT CLASSIFIER: prompts are judged by rules alone, so that a paraphrase without their terms passes',
      );
      readiness.tell(
        'text classifier',
        () => 'is left out by MODERATION_TEXT_CLASSIFIER=none: prompts are judged by rules alone',
      );
      return Promise.resolve([]);
    }
    const open = async (name: string) =>
      endsWithProcess(await OnnxTextClassifier.load(join(config.modelsDir, name)), 'text classifier', log);
    return readiness.load('text classifiers', () => Promise.all(config.textClassifiers.map(open)));
  }

  /** Waits for all that a verdict needs. */
  private async ready<Classifiers>(context: ModerationContext | undefined, classifiers: Promise<Classifiers>) {
    return await Promise.all([this.policies.find(context?.policyDigest ?? ''), translateErrors(classifiers)]);
  }

  private async ask(classifier: PictureClassifier, image: Uint8Array): Promise<PictureFindings> {
    const found = await translateErrors(classifier.classify(image));
    if (classifier instanceof OnnxPictureClassifier) this.kernels.observe(classifier.name, found.kernelMs);
    return found;
  }

  private count(subject: 'prompt' | 'image', { allowed, category }: Verdict): void {
    this.verdicts.inc({ subject, category: allowed ? 'none' : category });
  }
}

/** Who judged, and by which thresholds. */
function judgedBy(all: readonly (PromptClassifier | PictureClassifier)[]): Pick<Judged, 'classifiers' | 'calibrations'> {
  return {
    classifiers: all.flatMap(({ classifiers }) => classifiers),
    calibrations: all.map(({ calibration }) => calibration).filter((calibration) => calibration !== undefined),
  };
}

/** Makes the death of a classifier that runs here the process's: its keeper starts both afresh. */
function endsWithProcess<Classifier extends OnnxTextClassifier | OnnxPictureClassifier>(
  classifier: Classifier,
  what: string,
  log: Log,
): Classifier {
  log.info(`${what} verified`, { classifiers: classifier.classifiers });
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
