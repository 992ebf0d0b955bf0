import { ServedModels, translateErrors } from '@darkroom/model-serving';
import { type ModelFolder, VaeDecoder, VaeEncoder } from '@darkroom/onnx-pipeline';
import { Log, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from './config.js';

/** The models' VAEs: decoders from the start, an encoder once it is asked for, since most platforms never edit a picture. */
@Injectable()
export class VaeModels implements OnApplicationShutdown {
  private readonly decoders: ServedModels<VaeDecoder>;
  /** Loading or loaded, by the digest of what they read. */
  private readonly encoders = new Map<string, Promise<VaeEncoder>>();

  constructor(
    private readonly config: Config,
    readiness: Readiness,
    private readonly log: Log,
  ) {
    const { modelsDir, models, intraOpThreads: threads, vaeMemoryLimitBytes: memoryLimitBytes } = config;
    this.decoders = new ServedModels({
      modelsDir,
      models,
      threads,
      parts: VaeDecoder.parts,
      load: (folder, options) => VaeDecoder.load(folder, { ...options, memoryLimitBytes }),
      readiness,
      log,
    });
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
    const { intraOpThreads: threads, vaeMemoryLimitBytes: memoryLimitBytes } = this.config;
    const encoder = await VaeEncoder.load(folder, { threads, memoryLimitBytes });
    this.log.info('VAE encoder verified and loaded', { model: folder.name });
    void encoder.ended.then((error) => {
      // Its thread has died: the next call starts another.
      if (error !== undefined) this.encoders.delete(folder.partsDigest(VaeEncoder.parts));
    });
    return encoder;
  }
}
