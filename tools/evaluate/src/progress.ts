/** Tells how far a run of equal pieces of work is and how long it will take, on a terminal in one line, else now and then. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #started = performance.now();
  #toldAt = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** Tells that so many pieces are done. */
  show(done: number, total: number): void {
    const now = performance.now();
    const last = done === total;
    if (!last && now - this.#toldAt < (this.#stream.isTTY ? 200 : 10_000)) return;
    this.#toldAt = now;
    const text = progressText(done, total, (now - this.#started) / 1000);
    this.#stream.write(this.#stream.isTTY ? `\r\u001b[K${text}${last ? '\n' : ''}` : `${text}\n`);
  }
}

/** Writes how far a run is, its rate and the time left. */
export function progressText(done: number, total: number, seconds: number): string {
  const left = Math.round((seconds / done) * (total - done));
  const eta = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  return `picture ${done}/${total}, ${(seconds / done).toFixed(2)} s each, ETA ${eta}`;
}
