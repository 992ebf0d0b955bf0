import {
  type CountTokensRequest,
  type CountTokensResponse,
  type EncodeRequest,
  type EncodeResponse,
  type PromptEncoderServiceService,
  toNamedTensorMessages,
} from '@darkroom/contracts';
import { KernelMetrics, ServedModels, translateErrors } from '@darkroom/model-serving';
import { PromptEncoder } from '@darkroom/onnx-pipeline';
import { type Handlers, Log, Metrics, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ConditioningCache, conditioningKey } from './conditioning-cache.js';
import { Config } from './config.js';

/** Serves PromptEncoderService: one tokenizer and text encoder per model, behind a cache. */
@Injectable()
export class Encoding implements Handlers<typeof PromptEncoderServiceService>, OnApplicationShutdown {
  private readonly models: ServedModels<PromptEncoder>;
  private readonly cache: ConditioningCache;
  /** Prompts being encoded, so that the same one asked for twice at once runs the kernels once. */
  private readonly running = new Map<string, Promise<EncodeResponse>>();
  private readonly kernels: KernelMetrics;
  private readonly lookups;

  constructor(config: Config, readiness: Readiness, log: Log, metrics: Metrics) {
    this.models = new ServedModels({
      modelsDir: config.modelsDir,
      models: config.models,
      threads: config.intraOpThreads,
      parts: PromptEncoder.parts,
      load: (folder, options) => PromptEncoder.load(folder, options),
      readiness,
      log,
    });
    this.cache = new ConditioningCache(config.cacheBytes);
    this.kernels = new KernelMetrics(metrics);
    this.lookups = metrics.counter({
      name: 'darkroom_conditioning_lookups_total',
      help: 'Prompts asked for, by whether their conditioning was in the cache.',
      labelNames: ['result'],
    });
    metrics.gauge({
      name: 'darkroom_conditioning_cache_bytes',
      help: 'Bytes of conditioning in the cache.',
      collect: (gauge) => gauge.set(this.cache.bytes),
    });
  }

  async encode({ model, prompt }: EncodeRequest): Promise<EncodeResponse> {
    const { folder, stage } = await this.models.get(model);
    const key = conditioningKey(folder.digest, prompt);
    const cached = this.cache.get(key);
    this.lookups.inc({ result: cached === undefined ? 'miss' : 'hit' });
    if (cached !== undefined) {
      return { ...cached, cached: true, kernelMs: 0 };
    }
    const running = this.running.get(key) ?? this.run(model, stage, prompt, key);
    return await running;
  }

  async countTokens({ model, prompt }: CountTokensRequest): Promise<CountTokensResponse> {
    const { stage } = await this.models.get(model);
    return { tokenCount: await translateErrors(stage.countTokens(prompt)), maxTokens: stage.maxTokens };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.models.close();
  }

  private run(model: string, encoder: PromptEncoder, prompt: string, key: string): Promise<EncodeResponse> {
    const work = async (): Promise<EncodeResponse> => {
      const { conditioning, tokenCount, kernelMs } = await translateErrors(encoder.encode(prompt));
      this.kernels.observe(model, kernelMs);
      const entry = { conditioning: toNamedTensorMessages(conditioning), tokenCount };
      this.cache.set(key, entry);
      return { ...entry, cached: false, kernelMs };
    };
    const running = work().finally(() => this.running.delete(key));
    this.running.set(key, running);
    return running;
  }
}
