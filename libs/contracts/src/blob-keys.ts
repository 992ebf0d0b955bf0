import type { ImageFormat } from './generated/darkroom/decoding/v1/vae_decoder.js';
import type { GenerationJob } from './generated/darkroom/generation/v1/generation.js';
import { formatNames } from './image-format.js';

/** Names the blob of one image of a generation. */
export function imageKey(generationId: string, index: number, format: ImageFormat): string {
  return `generations/${generationId}/${index}.${formatNames(format).extension}`;
}

/** Names the blob of an image that is delivered blurred, as it is itself, by its {@link imageKey}: only reviewers see it. */
export function heldImageKey(imageKey: string): string {
  return `held/${imageKey}`;
}

/** Names the blob of an image that was held, once a reviewer has let it go: beside what was delivered in its place. */
export function releasedImageKey(imageKey: string): string {
  return imageKey.replace(/(?=\.[^./]+$)/, '.released');
}

/** Names the blob of a picture that shows an image while it develops. */
export function partialImageKey(generationId: string, image: number, index: number, format: ImageFormat): string {
  return `generations/${generationId}/${image}.partial-${index}.${formatNames(format).extension}`;
}

/** Names the blob of the picture that a generation edits: beside its images, since a replay needs it for as long. */
export function editedImageKey(generationId: string): string {
  return `generations/${generationId}/edited.png`;
}

/** Names the blob of the mask that says which part of it is drawn anew. */
export function editMaskKey(generationId: string): string {
  return `generations/${generationId}/edited.mask.png`;
}

/** Names the blob of a generation's GenerationResult; it is written last, so its presence says that all is there. */
export function resultKey(generationId: string): string {
  return `generations/${generationId}/result.bin`;
}

/** Names the blob of a prompt too long to travel in the queue. */
export function promptKey(generationId: string): string {
  return `prompts/${generationId}.txt`;
}

/** Names the blob of a negative prompt too long to travel in the queue. */
export function negativePromptKey(generationId: string): string {
  return `prompts/${generationId}.negative.txt`;
}

/** Names the blobs of a generation's prompts, as far as they do not travel in its job. */
export function storedPromptKeys({ promptBlobKey, negativePromptBlobKey }: GenerationJob): string[] {
  return [promptBlobKey, negativePromptBlobKey].filter((key) => key !== '');
}

/** Names the blob of the last checkpoint of one image of a generation that is under way. */
export function checkpointKey(generationId: string, index: number): string {
  return `checkpoints/${generationId}/${index}.bin`;
}
