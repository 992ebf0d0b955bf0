import { modelOptions, ServedModels, translateErrors } from '@darkroom/model-serving';
import { type ModelFolder, VaeDecoder, VaeEncoder, type VaeStageOptions } from '@darkroom/onnx-pipeline';
import { Log, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Config } from './config.js';

/** The models' VAEs: decoders from the start, an encoder once it is asked for, since most platforms never edit a picture. */
@Injectable()
export class VaeModels implements OnModuleInit, OnApplicationShutdown {
  private readonly decoders: ServedModels<VaeDecoder>;
  private readonly options: VaeStageOptions;
  /** Loading or loaded, by the digest of what they read. */
  private readonly encoders = new Map<string, Promise<VaeEncoder>>();

  constructor(
    config: Config,
    readiness: Readiness,
    private readonly log: Log,
  ) {
    const { modelsDir, models, vaeMemoryLimitBytes: memoryLimitBytes, deterministic } = config;
    this.options = { ...modelOptions(config), memoryLimitBytes, deterministic };
    this.decoders = new ServedModels({
      modelsDir,
      models,
      options: this.options,
      parts: VaeDecoder.parts,
      load: (folder) => VaeDecoder.load(folder, this.options),
      readiness,
      log,
    });
  }

  async onModuleInit(): Promise<void> {
    await this.decoders.checkConfiguration();
  }

  /**
   * Returns a model's decoder, waiting while it is being loaded.
   *
   * @throws {DarkroomError} Thrown as {@link ServedModels.get} throws it.
   */
  async decoder(model: string): Promise<VaeDecoder> {
    return (await this.decoders.get(model)).stage;
  }

  /**
   * Returns a model's encoder, loading it at the first call; models with the same one share it.
   *
   * @throws {DarkroomError} Thrown as {@link ServedModels.get} throws it, and with `model_damaged` when the encoder's files are not what
   *   they should be, which is looked at again at the next call.
   */
  async encoder(model: string): Promise<VaeEncoder> {
    const { folder } = await this.decoders.get(model);
    const key = folder.partsDigest(VaeEncoder.parts);
    const loading = this.encoders.get(key) ?? this.loadEncoder(folder);
    this.encoders.set(key, loading);
    loading.catch(() => this.encoders.delete(key));
    return await translateErrors(loading);
  }

  async onApplicationShutdown(): Promise<void> {
    const encoders = await Promise.allSettled(this.encoders.values());
    await Promise.all([
      this.decoders.close(),
      ...encoders.map((encoder) => (encoder.status === 'fulfilled' ? encoder.value.close() : undefined)),
    ]);
  }

  private async loadEncoder(folder: ModelFolder): Promise<VaeEncoder> {
    const encoder = await VaeEncoder.load(folder, this.options);
    this.log.info('VAE encoder verified and loaded', { model: folder.name });
    void encoder.ended.then((error) => {
      // Its thread has died: the next call starts another.
      if (error !== undefined) this.encoders.delete(folder.partsDigest(VaeEncoder.parts));
    });
    return encoder;
  }
}
