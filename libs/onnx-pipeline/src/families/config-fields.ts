import { PipelineError } from '../pipeline-error.js';

/** Reads typed fields out of one of a model's JSON files, naming the file and the field when one is wrong. */
export class ConfigFields {
  readonly #file: string;
  readonly #json: Readonly<Record<string, unknown>>;

  constructor(file: string, json: Readonly<Record<string, unknown>>) {
    this.#file = file;
    this.#json = json;
  }

  /** Reads a whole number of at least 1. */
  positiveInteger(field: string): number {
    const value = this.#json[field];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
      throw this.#wrong(field, 'a whole number of at least 1');
    }
    return value;
  }

  /** Reads a list of finite numbers of a known length. */
  numbers(field: string, length: number): readonly number[] {
    return this.#numberList(field, this.#json[field], length);
  }

  /** Reads a list of lists of finite numbers: `rows` of them, each of length `columns`. */
  matrix(field: string, rows: number, columns: number): readonly (readonly number[])[] {
    const value = this.#json[field];
    if (!Array.isArray(value) || value.length !== rows) {
      throw this.#wrong(field, `a list of ${rows} lists`);
    }
    return value.map((row, index) => this.#numberList(`${field}[${index}]`, row, columns));
  }

  #numberList(field: string, value: unknown, length: number): readonly number[] {
    if (!Array.isArray(value) || value.length !== length || !value.every(Number.isFinite)) {
      throw this.#wrong(field, `a list of ${length} numbers`);
    }
    return value as number[];
  }

  #wrong(field: string, wanted: string): PipelineError {
    return PipelineError.modelDamaged(`${this.#file}: ${field} must be ${wanted}`);
  }
}
