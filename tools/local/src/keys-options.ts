import { parseArgs } from 'node:util';
import { LocalError } from './config.js';
import type { NewApiKey, TenantChange } from './control-plane-client.js';

/** What `npm run keys` is asked to do. */
export type KeysCommand =
  | { readonly name: 'help'; readonly isWanted: boolean }
  | { readonly name: 'create'; readonly key: NewApiKey }
  | { readonly name: 'list' | 'tenants' }
  | { readonly name: 'revoke'; readonly id: string }
  | { readonly name: 'limit'; readonly tenant: string; readonly change: TenantChange };

const text = { type: 'string' } as const;
const create = { name: text, tenant: text, scopes: text, 'expires-in-days': text, 'requests-per-minute': text };
const limit = {
  'requests-per-minute': text,
  'compute-per-minute': text,
  'compute-per-month': text,
  concurrent: text,
  weight: text,
  models: text,
};

/** Takes a limit away. */
const NONE = 'none';

/**
 * Reads the command line of `npm run keys`; the control plane checks the values.
 *
 * @throws {LocalError} Thrown when it is no command, or has an option that is not of that command.
 */
export function parseKeysCommand(args: readonly string[]): KeysCommand {
  const [name, ...rest] = args;
  if (name === undefined || args.includes('--help') || args.includes('-h')) return { name: 'help', isWanted: name !== undefined };
  switch (name) {
    case 'create': {
      const { values } = parse(rest, create, 0);
      return {
        name,
        key: {
          name: values.name ?? 'unnamed',
          ...(values.tenant !== undefined && { tenant: values.tenant }),
          ...(values.scopes !== undefined && { scopes: namesOf(values.scopes) }),
          ...(values['expires-in-days'] !== undefined && {
            expires_in_days: numberOf('expires-in-days', values['expires-in-days']),
          }),
          ...(values['requests-per-minute'] !== undefined && {
            requests_per_minute: numberOf('requests-per-minute', values['requests-per-minute']),
          }),
        },
      };
    }
    case 'list':
    case 'tenants':
      parse(rest, {}, 0);
      return { name };
    case 'revoke': {
      const [id] = parse(rest, {}, 1).positionals;
      if (id === undefined) throw new LocalError('Which key? `npm run keys -- list` shows the ids.');
      return { name, id };
    }
    case 'limit': {
      const { values, positionals } = parse(rest, limit, 1);
      const [tenant] = positionals;
      if (tenant === undefined) throw new LocalError('Which tenant? `npm run keys -- tenants` shows them.');
      const limitOf = (option: keyof typeof limit) => {
        const value = values[option];
        return value === undefined || value === NONE ? (value === NONE ? null : undefined) : numberOf(option, value);
      };
      const change = {
        weight: limitOf('weight'),
        requests_per_minute: limitOf('requests-per-minute'),
        compute_units_per_minute: limitOf('compute-per-minute'),
        compute_units_per_month: limitOf('compute-per-month'),
        concurrent_generations: limitOf('concurrent'),
        models: values.models === undefined ? undefined : values.models === NONE ? null : namesOf(values.models),
      };
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      return { name, tenant, change: given };
    }
    default:
      throw new LocalError(`Unknown command "${name}"; \`npm run keys -- --help\` tells them all.`);
  }
}

function parse<Options extends Record<string, typeof text>>(args: readonly string[], options: Options, mostPositionals: number) {
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true });
    const [unwanted] = parsed.positionals.slice(mostPositionals);
    if (unwanted !== undefined) throw new LocalError(`Too many arguments: ${unwanted}.`);
    return parsed as { values: { [Name in keyof Options]?: string }; positionals: string[] };
  } catch (error) {
    throw error instanceof LocalError ? error : new LocalError((error as Error).message);
  }
}

function namesOf(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function numberOf(option: string, value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw new LocalError(`--${option} is "${value}": it must be a number.`);
  return number;
}
