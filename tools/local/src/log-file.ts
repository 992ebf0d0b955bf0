import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';

/** Bytes after which a log file is set aside; one older file is kept. */
const ROTATE_BYTES = 10 * 1024 * 1024;

/** A service's log on disk, readable by its owner alone, never longer than two times ROTATE_BYTES. */
export class LogFile {
  readonly #path: string;
  /** Undefined once closed; what comes later is dropped. */
  #descriptor: number | undefined;
  #size: number;

  constructor(file: string) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    this.#path = file;
    this.#descriptor = openSync(file, 'a', 0o600);
    this.#size = statSync(file).size;
  }

  write(text: string): void {
    if (this.#descriptor === undefined) return;
    if (this.#size > ROTATE_BYTES) {
      closeSync(this.#descriptor);
      renameSync(this.#path, `${this.#path}.1`);
      this.#descriptor = openSync(this.#path, 'a', 0o600);
      this.#size = 0;
    }
    this.#size += writeSync(this.#descriptor, text);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
