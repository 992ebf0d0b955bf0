import { LocalError } from './config.js';

/** What `npm run operators` is asked to do. */
export type OperatorsCommand =
  | { readonly name: 'help'; readonly isWanted: boolean }
  | { readonly name: 'list' }
  | { readonly name: 'create' | 'role'; readonly operator: string; readonly role: string }
  | { readonly name: 'reset' | 'disable' | 'enable'; readonly operator: string };

/**
 * Reads the command line of `npm run operators`; the control plane checks names and roles.
 *
 * @throws {LocalError} Thrown when it is no command, or has too few or too many arguments.
 */
export function parseOperatorsCommand(args: readonly string[]): OperatorsCommand {
  const [name, operator, role, ...more] = args;
  if (name === undefined || args.includes('--help') || args.includes('-h')) return { name: 'help', isWanted: name !== undefined };
  const refuseAfter = (most: number) => {
    const unwanted = [operator, role, ...more][most];
    if (unwanted !== undefined) throw new LocalError(`Too many arguments: ${unwanted}.`);
  };
  switch (name) {
    case 'list':
      refuseAfter(0);
      return { name };
    case 'create':
    case 'role':
      refuseAfter(2);
      if (operator === undefined || role === undefined) throw new LocalError(`Who, and in which role? ${name} NAME ROLE`);
      return { name, operator, role };
    case 'reset':
    case 'disable':
    case 'enable':
      refuseAfter(1);
      if (operator === undefined) throw new LocalError('Who? `npm run operators -- list` shows them.');
      return { name, operator };
    default:
      throw new LocalError(`Unknown command "${name}"; \`npm run operators -- --help\` tells them all.`);
  }
}
