import type { Usage } from '@darkroom/onnx-pipeline';

/** Adds up what a generation's images have used of the device so far, whichever workers made their steps. */
export class UsageMeter {
  private readonly images = new Map<number, Usage>();
  private begun = Number.POSITIVE_INFINITY;

  /** When the device was first asked for steps, in milliseconds of this process; infinity before. */
  get begunMs(): number {
    return this.begun;
  }

  /** Enters that the device is asked for steps. */
  begin(): void {
    this.begun = Math.min(this.begun, performance.now());
  }

  /** Enters what one image has used in all; replaces what was entered for it before. */
  enter(image: number, usage: Usage): void {
    this.images.set(image, usage);
  }

  /** Forgets one image's usage: its steps were lost and are made again. */
  forget(image: number): void {
    this.images.delete(image);
  }

  /** Passes of the transformer over all images. */
  get passes(): number {
    return this.sum(({ passes }) => passes);
  }

  /** Milliseconds inside the transformer's kernels over all images. */
  get kernelMs(): number {
    return this.sum(({ kernelMs }) => kernelMs);
  }

  private sum(of: (usage: Usage) => number): number {
    return [...this.images.values()].reduce((sum, usage) => sum + of(usage), 0);
  }
}
