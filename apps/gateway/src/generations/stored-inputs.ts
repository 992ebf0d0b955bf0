import {
  DarkroomError,
  editedImageKey,
  editMaskKey,
  type GenerationJob,
  negativePromptKey,
  promptKey,
  storedPromptKeys,
  travelsInline,
} from '@darkroom/contracts';
import type { ImageGenerationRequest } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import type { PreparedPicture } from '../edits/pictures.js';
import { Blobs } from '../files/blobs.provider.js';

/** Where a generation's inputs are: in its job, or under these keys. */
export type PlacedInputs = Pick<
  GenerationJob,
  'prompt' | 'negativePrompt' | 'promptBlobKey' | 'negativePromptBlobKey' | 'imageBlobKey' | 'maskBlobKey'
>;

/** What a generation was made of. */
export interface Inputs {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly picture: PreparedPicture | undefined;
}

/** Stores what generations are made of and is too large for the queue: long prompts, and pictures to edit. */
@Injectable()
export class StoredInputs {
  private readonly blobs: Blobs;

  constructor(blobs: Blobs) {
    this.blobs = blobs;
  }

  /** Stores a generation's inputs, as far as they don't travel in its job, and returns where they are. */
  async put(id: string, { prompt, negativePrompt }: ImageGenerationRequest, picture?: PreparedPicture): Promise<PlacedInputs> {
    const [promptBlobKey, negativePromptBlobKey, imageBlobKey, maskBlobKey] = await Promise.all([
      travelsInline(prompt) ? '' : this.store(promptKey(id), Buffer.from(prompt), TEXT),
      travelsInline(negativePrompt) ? '' : this.store(negativePromptKey(id), Buffer.from(negativePrompt), TEXT),
      picture === undefined ? '' : this.store(editedImageKey(id), picture.image, PNG),
      picture?.mask === undefined ? '' : this.store(editMaskKey(id), picture.mask, PNG),
    ]);
    return {
      prompt: promptBlobKey === '' ? prompt : '',
      negativePrompt: negativePromptBlobKey === '' ? negativePrompt : '',
      promptBlobKey,
      negativePromptBlobKey,
      imageBlobKey,
      maskBlobKey,
    };
  }

  /**
   * Reads the inputs of a generation.
   *
   * @throws {DarkroomError} Thrown with `conflict` when they are not kept any more.
   */
  async get({ prompt, negativePrompt, ...keys }: PlacedInputs): Promise<Inputs> {
    if (prompt === '' && keys.promptBlobKey === '') throw notKept('prompt');
    const textUnder = async (key: string, inline: string) =>
      key === '' ? inline : new TextDecoder().decode(await this.file(key, 'prompt'));
    const [storedPrompt, storedNegativePrompt, image, mask] = await Promise.all([
      textUnder(keys.promptBlobKey, prompt),
      textUnder(keys.negativePromptBlobKey, negativePrompt),
      keys.imageBlobKey === '' ? undefined : this.file(keys.imageBlobKey, 'picture'),
      keys.maskBlobKey === '' ? undefined : this.file(keys.maskBlobKey, 'mask'),
    ]);
    return { prompt: storedPrompt, negativePrompt: storedNegativePrompt, picture: image && { image, mask } };
  }

  /** Deletes the inputs of a generation that does not begin after all. */
  async forget(job: GenerationJob): Promise<void> {
    const store = await this.blobs.store();
    const keys = [...storedPromptKeys(job), job.imageBlobKey, job.maskBlobKey].filter((key) => key !== '');
    await Promise.all(keys.map((key) => store.delete(key)));
  }

  private async store(key: string, bytes: Buffer, contentType: string): Promise<string> {
    await (await this.blobs.store()).put(key, bytes, contentType);
    return key;
  }

  private async file(key: string, what: string): Promise<Buffer> {
    const bytes = await (await this.blobs.store()).get(key);
    if (bytes !== undefined) return Buffer.from(bytes);
    throw notKept(what);
  }
}

function notKept(what: string): DarkroomError {
  return new DarkroomError({ code: 'conflict', message: `the ${what} of this generation is not kept any more`, param: 'id' });
}

const TEXT = 'text/plain; charset=utf-8';
const PNG = 'image/png';
