import {
  type DecodeRequest,
  type DecodeResponse,
  fromTensorMessage,
  type KeptPicture,
  type VaeDecoderServiceService,
} from '@darkroom/contracts';
import { KernelMetrics, translateErrors } from '@darkroom/model-serving';
import type { RgbImage } from '@darkroom/onnx-pipeline';
import { type Handlers, Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { decodeImage } from './image-decoder.js';
import { checkEncoding, encodeImage } from './image-encoder.js';
import { layKept } from './kept-picture.js';
import { decodeMask } from './mask.js';
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

  async decode({ model, latents, format, quality, kept }: DecodeRequest): Promise<DecodeResponse> {
    // What can't be written is refused before kernels run for it.
    checkEncoding({ format, quality });
    const decoder = await this.models.decoder(model);
    const decoded = await translateErrors(decoder.decode(fromTensorMessage(latents, 'latents')));
    const { width, height, kernelMs, tile } = decoded;
    this.kernels.observe(model, kernelMs);

    const start = performance.now();
    const image = kept === undefined ? decoded : await withKept(decoded, kept);
    const bytes = await encodeImage(image, { format, quality });
    const encodeMs = performance.now() - start;
    this.encodeSeconds.observe(encodeMs / 1000);
    return { image: bytes, width, height, kernelMs, encodeMs, tile };
  }
}

async function withKept(decoded: RgbImage, { image, mask }: KeptPicture): Promise<RgbImage> {
  const { width, height } = decoded;
  const [picture, redrawn] = await Promise.all([
    decodeImage(image, { width, height, maxPixels: width * height }),
    decodeMask(mask, { width, height }),
  ]);
  return layKept(decoded, picture, redrawn);
}
