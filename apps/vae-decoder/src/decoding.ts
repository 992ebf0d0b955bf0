import {
  type DecodeRequest,
  type DecodeResponse,
  fromTensorMessage,
  type KeptPicture,
  type VaeDecoderServiceService,
} from '@darkroom/contracts';
import { KernelMetrics, translateErrors } from '@darkroom/model-serving';
import type { RgbImage } from '@darkroom/onnx-pipeline';
import { xmpPacket } from '@darkroom/provenance';
import { type Handlers, Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { decodeImage } from './image-decoder.js';
import { checkEncoding, encodeImage } from './image-encoder.js';
import { layKept } from './kept-picture.js';
import { decodeMask } from './mask.js';
import { ProvenanceKeys } from './provenance/provenance-keys.js';
import { VaeModels } from './vae-models.js';

/** Serves VaeDecoderService: latents to image files. */
@Injectable()
export class Decoding implements Handlers<typeof VaeDecoderServiceService> {
  private readonly encodeSeconds;

  constructor(
    private readonly models: VaeModels,
    private readonly kernels: KernelMetrics,
    private readonly keys: ProvenanceKeys,
    metrics: Metrics,
  ) {
    this.encodeSeconds = metrics.histogram({
      name: 'darkroom_image_encode_seconds',
      help: 'How long it took to turn pixels into an image file, with its mark.',
    });
  }

  async decode({ model, latents, format, quality, kept, markPayload }: DecodeRequest): Promise<DecodeResponse> {
    // What can't be written is refused before kernels run for it.
    checkEncoding({ format, quality });
    const decoder = await this.models.decoder(model);
    const decoded = await translateErrors(decoder.decode(fromTensorMessage(latents, 'latents')));
    const { width, height, kernelMs, tile } = decoded;
    this.kernels.observe(model, kernelMs);

    const start = performance.now();
    const isMarked = markPayload !== undefined && this.keys.isOn;
    const drawn = isMarked ? await this.mark(decoded, markPayload) : decoded;
    // The mark is under what an edit keeps, which stays the picture's to the bit.
    const image = kept === undefined ? drawn : await withKept(drawn, kept);
    const bytes = await encodeImage(image, { format, quality, xmp: isMarked ? xmpPacket : undefined });
    const encodeMs = performance.now() - start;
    this.encodeSeconds.observe(encodeMs / 1000);
    return { image: bytes, width, height, kernelMs, encodeMs, tile };
  }

  private async mark(image: RgbImage, payload: number): Promise<RgbImage> {
    const watermark = await this.keys.watermark();
    return { ...image, rgb: watermark.mark(image, payload) };
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
