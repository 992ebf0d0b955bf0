/** Thrown when a scheduler's configuration asks for what this library does not do; `field` is the key at fault. */
export class SchedulerConfigError extends Error {
  override readonly name = 'SchedulerConfigError';
  readonly field: string;

  constructor(field: string, message: string) {
    super(`scheduler_config.json: ${field} ${message}`);
    this.field = field;
  }
}

/** The fields of a `scheduler_config.json`, each checked as it is read; a field that nobody read is an error. */
export class ConfigFile {
  readonly #content: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  constructor(content: Readonly<Record<string, unknown>>) {
    this.#content = content;
  }

  read(field: string): unknown {
    this.#read.add(field);
    return this.#content[field];
  }

  error(field: string, message: string): SchedulerConfigError {
    return new SchedulerConfigError(field, message);
  }

  /** Reads true or false; absent and null are false, as in diffusers. */
  flag(field: string): boolean {
    const value = this.read(field) ?? false;
    if (typeof value !== 'boolean') {
      throw this.error(field, `must be true or false, not ${JSON.stringify(value)}`);
    }
    return value;
  }

  /** Reads a finite number above 0, or its default when the field is absent. */
  positive(field: string, defaultValue: number, accepts: (value: number) => boolean = Number.isFinite): number {
    const value = this.read(field) ?? defaultValue;
    if (typeof value !== 'number' || !accepts(value) || value <= 0) {
      throw this.error(field, `must be a number above 0, not ${JSON.stringify(value)}`);
    }
    return value;
  }

  /** Reads one of some names, or the default when the field is absent. */
  choice<Name extends string>(field: string, names: readonly Name[], defaultValue?: Name): Name {
    const value = this.read(field) ?? defaultValue;
    const name = names.find((each) => each === value);
    if (name === undefined) {
      throw this.error(field, `must be one of ${names.join(', ')}, not ${value}`);
    }
    return name;
  }

  /** Expects a field to be absent or one of the values that this library follows. */
  only(field: string, values: readonly unknown[]): void {
    if (field in this.#content) {
      this.required(field, values);
    }
  }

  /** Expects a field to have one of the values that this library follows. */
  required(field: string, values: readonly unknown[]): void {
    const value = this.read(field);
    if (!values.includes(value)) {
      const allowed = values.map((each) => JSON.stringify(each)).join(' or ');
      throw this.error(field, `must be ${allowed}: ${JSON.stringify(value)} is not supported`);
    }
  }

  /** Accepts fields whatever they hold, since they change nothing. */
  withoutEffect(...fields: readonly string[]): void {
    for (const field of fields) {
      this.#read.add(field);
    }
  }

  /** @throws SchedulerConfigError naming the first field that was not read. */
  expectAllRead(): void {
    const unread = Object.keys(this.#content).find((field) => !this.#read.has(field));
    if (unread !== undefined) {
      throw this.error(unread, 'is not an option of this scheduler: remove it');
    }
  }
}
