import { type DecodeRequest, type DecodeResponse, fromTensorMessage, type VaeDecoderServiceService } from '@darkroom/contracts';
import { KernelMetrics, translateErrors } from '@darkroom/model-serving';
import { type Handlers, Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { checkEncoding, encodeImage } from './image-encoder.js';
import { VaeModels } from './vae-models.js';

/** Serves VaeDecoderService: latents to image files. */
@Injectable()
export class Decoding implements Handlers<typeof VaeDecoderServiceService> {
  private readonly encodeSeconds;

  constructor(
    private readonly models: VaeModels,
    private readonly kernels: KernelMetrics,
    metrics: Metrics,
  ) {
    this.encodeSeconds = metrics.histogram({
      name: 'darkroom_image_encode_seconds',
      help: 'How long it took to turn pixels into an image file.',
    });
  }

  async decode({ model, latents, format, quality }: DecodeRequest): Promise<DecodeResponse> {
    // What can't be written is refused before kernels run for it.
    checkEncoding({ format, quality });
    const decoder = await this.models.decoder(model);
    const image = await translateErrors(decoder.decode(fromTensorMessage(latents, 'latents')));
    const { width, height, kernelMs, tile } = image;
    this.kernels.observe(model, kernelMs);

    const start = performance.now();
    const bytes = await encodeImage(image, { format, quality });
    const encodeMs = performance.now() - start;
    this.encodeSeconds.observe(encodeMs / 1000);
    return { image: bytes, width, height, kernelMs, encodeMs, tile };
  }
}
