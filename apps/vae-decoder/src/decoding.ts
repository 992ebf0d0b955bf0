import {
  type DecodeRequest,
  type DecodeResponse,
  formatNames,
  fromTensorMessage,
  type VaeDecoderServiceService,
} from '@darkroom/contracts';
import { KernelMetrics, ServedModels, translateErrors } from '@darkroom/model-serving';
import { VaeDecoder } from '@darkroom/onnx-pipeline';
import { type Handlers, Log, Metrics, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from './config.js';
import { encodeImage } from './image-encoder.js';

/** Serves VaeDecoderService: one VAE decoder per model, and the image encoder behind it. */
@Injectable()
export class Decoding implements Handlers<typeof VaeDecoderServiceService>, OnApplicationShutdown {
  private readonly models: ServedModels<VaeDecoder>;
  private readonly kernels: KernelMetrics;
  private readonly encodeSeconds;

  constructor(config: Config, readiness: Readiness, log: Log, metrics: Metrics) {
    this.models = new ServedModels({
      modelsDir: config.modelsDir,
      models: config.models,
      threads: config.intraOpThreads,
      parts: VaeDecoder.parts,
      load: (folder, options) => VaeDecoder.load(folder, options),
      readiness,
      log,
    });
    this.kernels = new KernelMetrics(metrics);
    this.encodeSeconds = metrics.histogram({
      name: 'darkroom_image_encode_seconds',
      help: 'How long it took to turn pixels into an image file.',
    });
  }

  async decode({ model, latents, format }: DecodeRequest): Promise<DecodeResponse> {
    // A format that can't be written is refused before kernels run for it.
    formatNames(format);
    const { stage } = await this.models.get(model);
    const image = await translateErrors(stage.decode(fromTensorMessage(latents, 'latents')));
    this.kernels.observe(model, image.kernelMs);

    const start = performance.now();
    const bytes = await encodeImage(image, format);
    const encodeMs = performance.now() - start;
    this.encodeSeconds.observe(encodeMs / 1000);
    return { image: bytes, width: image.width, height: image.height, kernelMs: image.kernelMs, encodeMs };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.models.close();
  }
}
