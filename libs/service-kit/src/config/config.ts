import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** One environment variable: its name, how its text is checked, and the sentence that `--help` prints about it. */
export interface Variable<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly schema: Schema;
  readonly help: string;
  /** True keeps the value out of `--help` and logs, and lets it come from a file that the variable `<name>_FILE` names. */
  readonly secret: boolean;
}

/** What a service's config.ts declares: who it is and which variables it reads. */
export interface ConfigDefinition<Variables extends Record<string, Variable>> {
  /** The service's name, for instance "vae-decoder". */
  readonly service: string;
  /** One sentence for `--help`. */
  readonly summary: string;
  /** Where the variables are read from: `process.env`, which only a service's config.ts may touch. */
  readonly environment: Environment;
  readonly variables: Variables;
}

/** Variables by name, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The typed values of a set of variables. */
export type ConfigValues<Variables extends Record<string, Variable>> = {
  readonly [Key in keyof Variables]: z.output<Variables[Key]['schema']>;
};

/** A class whose instances hold a service's configuration; its `read` is the only way to make one. */
export interface ConfigClass<Variables extends Record<string, Variable>> {
  new (values: ConfigValues<Variables>): ConfigValues<Variables>;
  readonly definition: ConfigDefinition<Variables>;
  /**
   * Checks the environment, or another one that a spec gives, and returns the typed configuration.
   *
   * @throws {ConfigError} Thrown when a variable is missing or wrong; the message names each of them with its fix.
   */
  read<This extends new (values: ConfigValues<Variables>) => unknown>(this: This, environment?: Environment): InstanceType<This>;
}

/** Thrown when the environment doesn't make a valid configuration. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Declares a variable. Its schema turns the variable's text (or undefined, when it is unset) into a value. */
export function variable<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  help: string,
  options: { secret?: boolean } = {},
): Variable<Schema> {
  return { name, schema, help, secret: options.secret ?? false };
}

/**
 * Makes the base class of a service's `Config`, which is both the type of the configuration and its token in Nest's container.
 *
 * ```ts
 * export class Config extends defineConfig({
 *   service: 'vae-decoder',
 *   summary: 'Turns latents into encoded images.',
 *   environment: process.env,
 *   variables: { ...serviceVariables, ...grpcVariables, ...modelVariables },
 * }) {}
 * ```
 */
export function defineConfig<Variables extends Record<string, Variable>>(
  definition: ConfigDefinition<Variables>,
): ConfigClass<Variables> {
  class DefinedConfig {
    static readonly definition = definition;

    constructor(values: ConfigValues<Variables>) {
      Object.assign(this, values);
      Object.freeze(this);
    }

    static read(environment: Environment = definition.environment): unknown {
      // `this` is the service's own subclass.
      return new this(parse(definition, environment));
    }
  }
  return DefinedConfig as unknown as ConfigClass<Variables>;
}

function parse<Variables extends Record<string, Variable>>(
  definition: ConfigDefinition<Variables>,
  environment: Environment,
): ConfigValues<Variables> {
  const values: Record<string, unknown> = {};
  const complaints: string[] = [];
  for (const [key, variable] of Object.entries(definition.variables)) {
    const { name, schema, help } = variable;
    try {
      const text = textOf(variable, environment);
      const parsed = schema.safeParse(text);
      if (parsed.success) values[key] = parsed.data;
      else complaints.push(`${name} ${text === undefined ? 'is not set' : reasonOf(parsed.error)} (${help})`);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      complaints.push(error.message);
    }
  }
  if (complaints.length > 0) {
    throw new ConfigError(
      `${definition.service} can't start with this environment:\n${complaints.map((line) => `  ${line}\n`).join('')}` +
        'Run it with --help for every variable.',
    );
  }
  return values as ConfigValues<Variables>;
}

/**
 * Returns a variable's text; undefined when it is unset, or empty, which is how shells and container files unset one.
 *
 * @throws {ConfigError} Thrown when its file can't be read, or when it is given twice.
 */
function textOf({ name, secret }: Variable, environment: Environment): string | undefined {
  const text = environment[name] || undefined;
  const file = (secret && environment[`${name}_FILE`]) || undefined;
  if (file === undefined) return text;
  if (text !== undefined) throw new ConfigError(`${name} and ${name}_FILE are both set: unset one of them`);
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${name}_FILE is wrong: the file can't be read (${code})`, { cause: error });
  }
}

function reasonOf(error: z.ZodError): string {
  return `is wrong: ${error.issues.map((issue) => issue.message).join('; ')}`;
}

/** Renders the page that `--help` prints: each variable, its default and its sentence. */
export function describeConfig(definition: ConfigDefinition<Record<string, Variable>>): string {
  const rows = Object.values(definition.variables).map(({ name, schema, help, secret }) => {
    const byDefault = schema.safeParse(undefined);
    const shown = !byDefault.success
      ? 'required'
      : byDefault.data === undefined
        ? 'unset'
        : secret
          ? 'has a default'
          : `default ${String(byDefault.data)}`;
    return { name, text: `${help} (${shown})` };
  });
  const secrets = Object.values(definition.variables).flatMap(({ name, secret }) => (secret ? [`${name}_FILE`] : []));
  const width = Math.max(...rows.map((row) => row.name.length));
  return [
    `${definition.service}: ${definition.summary}`,
    '',
    'It is configured by environment variables:',
    ...rows.map((row) => `  ${row.name.padEnd(width)}  ${row.text}`),
    ...(secrets.length === 0 ? [] : [`Secrets can also come from files that are named by: ${secrets.join(', ')}`]),
    '',
  ].join('\n');
}
