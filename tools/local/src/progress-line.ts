import type { GenerationBody } from '@darkroom/contracts/http';

const BAR = 20;
/** Without a terminal, one line per stage and per this many milliseconds. */
const QUIET_MS = 5000;

/** Writes a generation's state in words, with a bar while it's denoised. */
export function progressText(generation: GenerationBody): string {
  const { progress } = generation;
  if (generation.status === 'queued' && progress?.queue_position) return `queued, place ${progress.queue_position}`;
  if (generation.status !== 'running' || progress === null) return generation.status;
  const image = progress.images > 1 ? `image ${progress.image + 1}/${progress.images} ` : '';
  if (progress.stage !== 'denoise' || progress.steps === 0) return `${image}${progress.stage}`;
  const done = Math.round((progress.step / progress.steps) * BAR);
  return `${image}denoise [${'#'.repeat(done)}${'.'.repeat(BAR - done)}] ${progress.step}/${progress.steps}`;
}

/** One line that rewrites itself on a terminal, and a line now and then elsewhere. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  #last = '';
  #lastStage = '';
  #lastAt = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(generation: GenerationBody): void {
    const text = progressText(generation);
    if (text === this.#last) return;
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\u001b[K${text}`);
    } else {
      const stage = `${generation.status} ${generation.progress?.stage ?? ''} ${generation.progress?.image ?? ''}`;
      if (stage === this.#lastStage && Date.now() - this.#lastAt < QUIET_MS) return;
      this.#lastStage = stage;
      this.#lastAt = Date.now();
      this.#stream.write(`${text}\n`);
    }
    this.#last = text;
  }

  /** Clears the line, so that what follows starts on an empty one. */
  end(): void {
    if (this.#stream.isTTY && this.#last !== '') this.#stream.write('\r\u001b[K');
    this.#last = '';
  }
}
