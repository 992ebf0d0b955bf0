import type { SimulatedRequest } from '../request.js';

/** One image of a generation, and the passes that it still needs. */
export interface ImageLeft {
  readonly planId: string;
  left: number;
}

/** A generation on its way through the fleet. */
export interface WorkItem {
  readonly request: SimulatedRequest;
  /** Seconds of device time that it costs, at the best batches. */
  readonly seconds: number;
  /** Passes of each image, at the start. */
  readonly passes: number;
  /** Rows that one image takes in a batch. */
  readonly rows: number;
  readonly bucket: string;
  readonly images: ImageLeft[];
  /** Deadline by the virtual clock, in seconds. */
  readonly deadlineAtSeconds: number;
}

/** Seconds of device time that are left of it. */
export function secondsLeft({ images, passes, seconds }: WorkItem): number {
  let left = 0;
  for (const image of images) left += image.left;
  return (seconds * left) / (passes * images.length);
}

/** Tells whether all its images are made. */
export function isMade({ images }: WorkItem): boolean {
  return images.every(({ left }) => left === 0);
}
