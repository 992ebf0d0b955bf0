import {
  DarkroomError,
  type EncodeImageRequest,
  type EncodeImageResponse,
  toTensorMessage,
  type VaeEncoderServiceService,
} from '@darkroom/contracts';
import { KernelMetrics, translateErrors } from '@darkroom/model-serving';
import type { SizeLimits } from '@darkroom/onnx-pipeline';
import type { Handlers } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { decodeImage } from './image-decoder.js';
import { decodeMask, maskLatents } from './mask.js';
import { VaeModels } from './vae-models.js';

/** Serves VaeEncoderService: image files to latents. */
@Injectable()
export class Encoding implements Handlers<typeof VaeEncoderServiceService> {
  constructor(
    private readonly models: VaeModels,
    private readonly kernels: KernelMetrics,
  ) {}

  async encodeImage({ model, image, width, height, seed, mask }: EncodeImageRequest): Promise<EncodeImageResponse> {
    const { sizes } = await this.models.decoder(model);
    // What can't be encoded is refused before a file is opened, or an encoder loaded, for it.
    checkSide('width', width, sizes);
    checkSide('height', height, sizes);
    const start = performance.now();
    const pixels = await decodeImage(image, { width, height, maxPixels: sizes.maxPixels });
    const redrawn = mask.length === 0 ? undefined : await decodeMask(mask, { width, height });
    const decodeMs = performance.now() - start;

    const encoder = await this.models.encoder(model);
    const { latents, kernelMs, tile } = await translateErrors(encoder.encode(pixels, { seed }));
    this.kernels.observe(model, kernelMs);
    const latentMask = redrawn && toTensorMessage(maskLatents(redrawn, latents.shape));
    return { latents: toTensorMessage(latents), kernelMs, decodeMs, tile, mask: latentMask };
  }
}

function checkSide(param: 'width' | 'height', side: number, { granularity, minSide, maxSide }: SizeLimits): void {
  if (side % granularity !== 0 || side < minSide || side > maxSide) {
    const message = `${param} must be a multiple of ${granularity} from ${minSide} to ${maxSide}, not ${side}`;
    throw new DarkroomError({ code: 'invalid_argument', message, param });
  }
}
