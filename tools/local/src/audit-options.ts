import { parseArgs } from 'node:util';
import { LocalError } from './config.js';

/** What `npm run audit` is asked to do. */
export type AuditCommand =
  | { readonly name: 'help'; readonly isWanted: boolean }
  | { readonly name: 'list'; readonly filter: Readonly<Record<string, string>> }
  | { readonly name: 'show'; readonly id: string }
  | { readonly name: 'replay' }
  | { readonly name: 'verify'; readonly anchor: { readonly sequence: string; readonly hash: string } | undefined };

const text = { type: 'string' } as const;
const filters = { tenant: text, generation: text, stage: text, action: text, category: text, before: text, limit: text };

/**
 * Reads the command line of `npm run audit`; the control plane checks the values.
 *
 * @throws {LocalError} Thrown when it is no command, or has an option that is not of that command.
 */
export function parseAuditCommand(args: readonly string[]): AuditCommand {
  const [name, ...rest] = args;
  if (name === undefined || args.includes('--help') || args.includes('-h')) return { name: 'help', isWanted: name !== undefined };
  switch (name) {
    case 'list': {
      const { generation, ...others } = parseArgs({ args: rest, options: filters }).values;
      return { name, filter: { ...others, ...(generation !== undefined && { generation_id: generation }) } };
    }
    case 'show': {
      const [id, ...more] = parseArgs({ args: rest, options: {}, allowPositionals: true }).positionals;
      if (id === undefined || more.length > 0) throw new LocalError('Which entry? `npm run audit -- list` shows the ids.');
      return { name, id };
    }
    case 'replay':
      parseArgs({ args: rest, options: {} });
      return { name };
    case 'verify': {
      const { anchor } = parseArgs({ args: rest, options: { anchor: text } }).values;
      return { name, anchor: anchor === undefined ? undefined : anchorOf(anchor) };
    }
    default:
      throw new LocalError(`Unknown command "${name}"; \`npm run audit -- --help\` tells them all.`);
  }
}

function anchorOf(anchor: string): { sequence: string; hash: string } {
  const [, sequence, hash] = /^([1-9]\d*):([0-9a-f]{64})$/.exec(anchor) ?? [];
  if (sequence !== undefined && hash !== undefined) return { sequence, hash };
  throw new LocalError('--anchor is NUMBER:HASH, as `npm run audit -- verify` prints them.');
}
