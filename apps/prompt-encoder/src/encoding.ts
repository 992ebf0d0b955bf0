import { cpus } from 'node:os';
import {
  type CountTokensRequest,
  type CountTokensResponse,
  DarkroomError,
  type EncodeBatchRequest,
  type EncodeBatchResponse,
  type EncodeRequest,
  type EncodeResponse,
  type PromptEncoderServiceService,
  toNamedTensorMessages,
} from '@darkroom/contracts';
import { KernelMetrics, modelOptions, ServedModels, translateErrors } from '@darkroom/model-serving';
import { PromptEncoder } from '@darkroom/onnx-pipeline';
import { type Handlers, Log, Metrics, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { conditioningKey } from './conditioning-key.js';
import { ConditioningTiers, type MadeConditioning } from './conditioning-tiers.js';
import { Config } from './config.js';

/** Prompts that one call may ask for. */
const MOST_PROMPTS = 16;

/** Serves PromptEncoderService: one tokenizer and text encoder per model, behind caches. */
@Injectable()
export class Encoding implements Handlers<typeof PromptEncoderServiceService>, OnModuleInit, OnApplicationShutdown {
  private readonly models: ServedModels<PromptEncoder>;
  private readonly tiers: ConditioningTiers;
  private readonly kernels: KernelMetrics;
  private readonly processor: string;

  constructor(config: Config, tiers: ConditioningTiers, readiness: Readiness, log: Log, metrics: Metrics) {
    this.processor = [config.executionProvider, config.precision, process.arch, cpus()[0]?.model].join(' ');
    this.models = new ServedModels({
      modelsDir: config.modelsDir,
      models: config.models,
      options: modelOptions(config),
      parts: PromptEncoder.parts,
      load: (folder, options) => PromptEncoder.load(folder, options),
      readiness,
      log,
    });
    this.tiers = tiers;
    this.kernels = new KernelMetrics(metrics);
  }

  async encode({ model, prompt }: EncodeRequest): Promise<EncodeResponse> {
    const { folder, stage } = await this.models.get(model);
    const partsDigest = folder.partsDigest(PromptEncoder.parts);
    const key = conditioningKey({ partsDigest, runtimeVersion: stage.runtimeVersion, processor: this.processor, prompt });
    return await this.tiers.get(key, () => this.run(model, stage, prompt));
  }

  async encodeBatch({ model, prompts }: EncodeBatchRequest): Promise<EncodeBatchResponse> {
    if (prompts.length > MOST_PROMPTS) {
      const message = `${prompts.length} prompts were given, and at most ${MOST_PROMPTS} are allowed in one call`;
      throw new DarkroomError({ code: 'invalid_argument', message, param: 'prompts' });
    }
    return { responses: await Promise.all(prompts.map((prompt) => this.encode({ model, prompt }))) };
  }

  async countTokens({ model, prompt }: CountTokensRequest): Promise<CountTokensResponse> {
    const { stage } = await this.models.get(model);
    return { tokenCount: await translateErrors(stage.countTokens(prompt)), maxTokens: stage.maxTokens };
  }

  async onModuleInit(): Promise<void> {
    await this.models.checkConfiguration();
  }

  async onApplicationShutdown(): Promise<void> {
    this.tiers.close();
    await this.models.close();
  }

  private async run(model: string, encoder: PromptEncoder, prompt: string): Promise<MadeConditioning> {
    const { conditioning, tokenCount, kernelMs } = await translateErrors(encoder.encode(prompt));
    this.kernels.observe(model, kernelMs);
    return { conditioning: toNamedTensorMessages(conditioning), tokenCount, kernelMs };
  }
}
