import { DarkroomError, fromTensorMessage, type KeptPicture } from '@darkroom/contracts';
import type { DenoiseRequest, TileSize } from '@darkroom/onnx-pipeline';
import { Injectable } from '@nestjs/common';
import type { GenerationRun } from './generation-run.js';
import { GenerationStore } from './generation-store.js';
import { Stages } from './stages.js';

/** The picture that a generation edits, as its images need it. */
export interface Edit {
  /** What the engine starts from. */
  readonly start: Pick<DenoiseRequest, 'initLatents' | 'mask' | 'strength'>;
  /** What is laid over the decoded images; undefined where all of the picture is drawn anew. */
  readonly kept: KeptPicture | undefined;
  /** SHA-256 of the stored files; empty where there is no mask. */
  readonly imageSha256: string;
  readonly maskSha256: string;
  /** The tiles that the picture was encoded in; undefined when it was encoded whole. */
  readonly tile: TileSize | undefined;
}

/** Fetches the picture that a generation edits, and has it encoded: once, for all its images. */
@Injectable()
export class PictureEncoding {
  constructor(
    private readonly stages: Stages,
    private readonly store: GenerationStore,
  ) {}

  /**
   * Prepares the edit that a job asks for; undefined when it asks for none.
   *
   * @throws {DarkroomError} Thrown with the VAE encoder's own error, and with `internal` when the picture is gone.
   */
  async encode(run: GenerationRun): Promise<Edit | undefined> {
    const { model, width, height, strength } = run.job;
    const stored = await this.store.editedPicture(run.job);
    if (stored === undefined) return undefined;
    const { image, mask, ...digests } = stored;
    const request = { model, image, width, height, seed: undefined, mask: mask ?? Buffer.alloc(0) };
    const encoded = await run.timed(
      'encode',
      // Nothing is lost yet when the encoder is away: no waiting in place here either.
      () => this.stages.vaeEncoder.encodeImage(request, { signal: run.stopping }),
      { kernelMs: ({ kernelMs }) => kernelMs },
    );
    const start = { initLatents: floats(encoded.latents, 'latents'), strength };
    if (mask === undefined) return { start, kept: undefined, tile: encoded.tile, ...digests };
    return { start: { ...start, mask: floats(encoded.mask, 'mask') }, kept: { image, mask }, tile: encoded.tile, ...digests };
  }
}

type Floats = NonNullable<DenoiseRequest['initLatents']>;

function floats(message: Parameters<typeof fromTensorMessage>[0], name: string): Floats {
  const tensor = fromTensorMessage(message, name);
  if (tensor.dataType === 'float32') return tensor as Floats;
  throw new DarkroomError({ code: 'internal', message: `the VAE encoder answered ${name} of ${tensor.dataType}` });
}
