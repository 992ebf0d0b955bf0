import { parseArgs } from 'node:util';
import { LocalError } from './config.js';

/** What `npm run models` is asked to do. */
export type ModelsCommand =
  | { readonly name: 'help'; readonly isWanted: boolean }
  | { readonly name: 'list' }
  | { readonly name: 'unregister'; readonly model: string }
  | {
      readonly name: 'register';
      /** A folder or a URL. */
      readonly from: string;
      readonly model: string | undefined;
      readonly digest: string | undefined;
      readonly isRequired: boolean;
    };

/**
 * Reads the command line of `npm run models`; the fetcher and the control plane check what it names.
 *
 * @throws {LocalError} Thrown when it is no command, or has too few or too many arguments.
 * @throws {TypeError} Thrown for an option that is not known.
 */
export function parseModelsCommand(args: readonly string[]): ModelsCommand {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      digest: { type: 'string' },
      required: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [name, subject, ...more] = positionals;
  if (name === undefined || values.help === true) return { name: 'help', isWanted: values.help === true };
  if (more[0] !== undefined) throw new LocalError(`Too many arguments: ${more[0]}.`);
  switch (name) {
    case 'list':
      if (subject !== undefined) throw new LocalError(`Too many arguments: ${subject}.`);
      return { name };
    case 'unregister':
      if (subject === undefined) throw new LocalError('Which model? `npm run models -- list` shows them.');
      return { name, model: subject };
    case 'register':
      if (subject === undefined) throw new LocalError('Which model? register FOLDER, or the URL of one.');
      return { name, from: subject, model: values.name, digest: values.digest, isRequired: values.required === true };
    default:
      throw new LocalError(`Unknown command "${name}"; \`npm run models -- --help\` tells them all.`);
  }
}
