import {
  type Decision,
  editedImageKey,
  formatNames,
  heldImageKey,
  imageKey,
  releasedImageKey,
  toImageFormat,
} from '@darkroom/contracts';
import { outputFormats, ranges } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import { Blobs } from '../blobs/blobs.provider.js';

/** Where a picture lies, and what it is. */
export interface FoundImage {
  readonly key: string;
  readonly contentType: string;
}

/** Finds the pictures that decisions were about, as far as they are kept, and lets those go that are held for a reviewer. */
@Injectable()
export class ReviewImages {
  private readonly blobs: Blobs;

  constructor(blobs: Blobs) {
    this.blobs = blobs;
  }

  /**
   * Finds the picture of a decision, as it is under what is delivered blurred; for one on a prompt, a picture that was made of it.
   *
   * @returns undefined for what was refused, and so never stored, and for what is gone.
   */
  async find({
    generationId,
    stage,
    image,
  }: Pick<Decision, 'generationId' | 'stage' | 'image'>): Promise<FoundImage | undefined> {
    if (generationId === '') return undefined;
    if (stage === 'input_image') return await this.first([{ key: editedImageKey(generationId), contentType: 'image/png' }]);
    const delivered = deliveredOf(generationId, image);
    return await this.first([...delivered.map((one) => ({ ...one, key: heldImageKey(one.key) })), ...delivered]);
  }

  /** Reads a picture; undefined when it is gone. */
  async read({ key }: FoundImage): Promise<Buffer | undefined> {
    return await this.blobs.read(key);
  }

  /** Lets the pictures of a generation go that are held, as far as they may; doing it again changes nothing. */
  async release(generationId: string, mayGo: (image: number) => boolean): Promise<void> {
    const store = await this.blobs.store();
    for (let image = 0; image < ranges.n.max; image += 1) {
      if (!mayGo(image)) continue;
      for (const { key, contentType } of deliveredOf(generationId, image)) {
        const bytes = await store.get(heldImageKey(key));
        if (bytes !== undefined) await store.put(releasedImageKey(key), bytes, contentType);
      }
    }
  }

  private async first(places: readonly FoundImage[]): Promise<FoundImage | undefined> {
    const store = await this.blobs.store();
    for (const found of places) if (await store.exists(found.key)) return found;
    return undefined;
  }
}

/** Where an image would lie that was delivered, in each format. */
function deliveredOf(generationId: string, image: number): FoundImage[] {
  return outputFormats.map((output) => {
    const format = toImageFormat(output);
    return { key: imageKey(generationId, image, format), contentType: formatNames(format).contentType };
  });
}
