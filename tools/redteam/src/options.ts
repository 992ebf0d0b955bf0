import { parseArgs } from 'node:util';
import { type HarmCategory, harmCategories, isHarmCategory } from '@darkroom/contracts';
import { LocalError } from '@darkroom/local';
import type { PictureSettings } from './attack/gateway.js';
import { type FindingState, findingStates } from './findings/finding.js';
import { type AdversaryLevel, adversaryLevels } from './sets/row.js';

/** What the command line asks for. */
export type Command =
  | { readonly name: 'run'; readonly options: RunCommand }
  | { readonly name: 'report'; readonly run: string; readonly options: ReportCommand }
  | { readonly name: 'list' }
  | { readonly name: 'show'; readonly id: string }
  | { readonly name: 'move'; readonly id: string; readonly to: FindingState; readonly options: MoveCommand }
  | { readonly name: 'regress'; readonly options: AttackCommand }
  | { readonly name: 'operators' };

/** Where and how attacks are made. */
export interface AttackCommand {
  readonly promptsOnly: boolean;
  readonly pictures: PictureSettings;
  readonly urls: Readonly<Partial<Record<'off' | 'on', string>>>;
  readonly moderators: Readonly<Partial<Record<'off' | 'on', string>>>;
}

/** Options of `run`. */
export interface RunCommand extends AttackCommand {
  readonly sets: readonly string[];
  readonly seed: number;
  readonly variants: number;
  readonly levels: readonly AdversaryLevel[];
  readonly categories: readonly HarmCategory[];
  readonly phases: readonly ('off' | 'on')[];
  /** Undefined for a file of its own. */
  readonly out: string | undefined;
  readonly findings: boolean;
}

/** Options of `report`. */
export interface ReportCommand {
  readonly out: string | undefined;
  readonly into: string | undefined;
  readonly showPrompts: boolean;
}

/** Options of `findings move`. */
export interface MoveCommand extends AttackCommand {
  readonly note: string;
  readonly until: string | undefined;
}

/** What `--help` prints. */
export const help = `npm run redteam -- COMMAND [options]

Attacks the platform's moderation with harmful and harmless prompts, once with mitigations off and once on, and tells what got through.

  run                     make the attacks against private platforms that are started for it
    --set SET             shipped, a JSON Lines file, or a public set that you have: i2p=FILE, overt=FILE, overt-unsafe=FILE,
                          t2isafety=FILE; may be given more than once (shipped)
    --seed N              another one makes other disguises (1)
    --variants N          disguises of each kind that are made of each seed, 0 to 30 (6)
    --levels A0,A1        adversary levels to try (all)
    --categories A,B      categories to try (all); harmless ordinary prompts always
    --phases off,on       with mitigations off, on, or first off and then on (off,on)
    --prompts-only        ask the moderator about the texts, and make no picture
    --model, --size, --steps   how pictures are made (pocket-turbo, 128x128, 4)
    --off-url, --on-url URL    a gateway that runs already; its key in REDTEAM_OFF_KEY or REDTEAM_ON_KEY
    --off-moderator, --on-moderator HOST:PORT   its moderator; without it, child safety is left out
    --out FILE            the result (.darkroom/redteam/run-TIME.json); it holds the prompts
    --no-findings         make no findings of what got through
  report RUN              write report.html and report.json of a run's result
    --out FOLDER          where (beside the result)
    --into FILE           also put the tables into a document, between its markers
    --show-prompts        show harmful prompts, which are masked otherwise
  findings list           what got through, and where its mending stands
  findings show ID
  findings move ID STATE  STATE: ${findingStates.join(', ')}
    --note TEXT           why
    --until YYYY-MM-DD    accepted: the last day
                          verified: its attacks are made first, as by regress, and must all be refused
  regress                 make the attacks of closed findings again, with mitigations on; fails if one gets through
  operators               list what attacks are made with

Findings lie in redteam/findings, regression cases in redteam/regressions.jsonl (--folder DIR for another folder than redteam).
`;

const definitions = {
  set: { type: 'string', multiple: true },
  seed: { type: 'string', default: '1' },
  variants: { type: 'string', default: '6' },
  levels: { type: 'string' },
  categories: { type: 'string' },
  phases: { type: 'string', default: 'off,on' },
  'prompts-only': { type: 'boolean', default: false },
  model: { type: 'string', default: 'pocket-turbo' },
  size: { type: 'string', default: '128x128' },
  steps: { type: 'string', default: '4' },
  'off-url': { type: 'string' },
  'on-url': { type: 'string' },
  'off-moderator': { type: 'string' },
  'on-moderator': { type: 'string' },
  out: { type: 'string' },
  findings: { type: 'boolean', default: true },
  into: { type: 'string' },
  'show-prompts': { type: 'boolean', default: false },
  note: { type: 'string', default: '' },
  until: { type: 'string' },
  folder: { type: 'string', default: 'redteam' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const attackOptions = [
  'prompts-only',
  'model',
  'size',
  'steps',
  'off-url',
  'on-url',
  'off-moderator',
  'on-moderator',
] as const satisfies readonly Option[];

type Option = keyof typeof definitions;

const onlyOn = attackOptions.filter((name) => !name.startsWith('off-'));

/** Which options each command takes, beside `--folder`. */
const takes: Readonly<Record<Command['name'], readonly Option[]>> = {
  run: [...attackOptions, 'set', 'seed', 'variants', 'levels', 'categories', 'phases', 'out', 'findings'],
  report: ['out', 'into', 'show-prompts'],
  list: [],
  show: [],
  move: [...onlyOn, 'note', 'until'],
  regress: onlyOn,
  operators: [],
};

/** A command, and the folder that keeps findings. */
export interface ParsedCommand {
  readonly command: Command;
  readonly folder: string;
}

/**
 * Reads the command line; undefined when it asks for help.
 *
 * @throws LocalError naming the command or option that can't be used, TypeError for an unknown option.
 */
export function parseCommand(args: readonly string[]): ParsedCommand | undefined {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: definitions,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
  });
  if (values.help) return undefined;
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name.replace(/^no-/, '') as Option] : []));
  const command = readCommand(values, positionals);
  const stray = given.find((name) => name !== 'folder' && !takes[command.name].includes(name));
  if (stray !== undefined) throw new LocalError(`${positionals.join(' ')} knows no --${stray}.`);
  return { command, folder: values.folder };
}

type Values = ReturnType<typeof parseArgs<{ options: typeof definitions }>>['values'];

function readCommand(values: Values, positionals: readonly string[]): Command {
  const [name, ...rest] = positionals;
  const [first = '', second = '', third = ''] = rest;
  if (name === 'run' && rest.length === 0) return { name, options: readRun(values) };
  if (name === 'report' && rest.length === 1) {
    return { name, run: first, options: { out: values.out, into: values.into, showPrompts: values['show-prompts'] === true } };
  }
  if (name === 'regress' && rest.length === 0) return { name, options: readAttack(values) };
  if (name === 'operators' && rest.length === 0) return { name };
  if (name === 'findings' && first === 'list' && rest.length === 1) return { name: 'list' };
  if (name === 'findings' && first === 'show' && rest.length === 2) return { name: 'show', id: second };
  if (name === 'findings' && first === 'move' && rest.length === 3) {
    const options = { ...readAttack(values), note: values.note ?? '', until: values.until };
    return { name: 'move', id: second, to: oneOf('STATE', third, findingStates), options };
  }
  throw new LocalError(
    `${positionals.length === 0 ? 'Name a command' : `Unknown command "${positionals.join(' ')}"`}.\n\n${help}`,
  );
}

function readRun(values: Values): RunCommand {
  const list = (text: string | undefined, otherwise: readonly string[]) => text?.split(',').map((one) => one.trim()) ?? otherwise;
  return {
    ...readAttack(values),
    sets: values.set ?? ['shipped'],
    seed: wholeNumber('seed', values.seed, 0, 2 ** 31 - 1),
    variants: wholeNumber('variants', values.variants, 0, 30),
    levels: list(values.levels, adversaryLevels).map((one) => oneOf('--levels', one, adversaryLevels)),
    categories: list(values.categories, harmCategories).map((one) => {
      if (!isHarmCategory(one)) throw new LocalError(`--categories has "${one}": known are ${harmCategories.join(', ')}.`);
      return one;
    }),
    phases: list(values.phases, []).map((one) => oneOf('--phases', one, ['off', 'on'] as const)),
    out: values.out,
    findings: values.findings !== false,
  };
}

function readAttack(values: Values): AttackCommand {
  const both = (what: 'url' | 'moderator') => {
    const [off, on] = [values[`off-${what}`], values[`on-${what}`]];
    return { ...(off === undefined ? {} : { off }), ...(on === undefined ? {} : { on }) };
  };
  return {
    promptsOnly: values['prompts-only'] === true,
    pictures: {
      model: values.model ?? '',
      size: values.size ?? '',
      steps: wholeNumber('steps', values.steps, 1, 100),
    },
    urls: both('url'),
    moderators: both('moderator'),
  };
}

function wholeNumber(name: string, text: string | undefined, low: number, high: number): number {
  const value = /^\d{1,10}$/.test(text ?? '') ? Number(text) : Number.NaN;
  if (!(value >= low && value <= high))
    throw new LocalError(`--${name} is "${text}": it must be a whole number from ${low} to ${high}.`);
  return value;
}

function oneOf<Value extends string>(what: string, text: string, values: readonly Value[]): Value {
  const found = values.find((value) => value === text);
  if (found === undefined) throw new LocalError(`${what} has "${text}": known are ${values.join(', ')}.`);
  return found;
}
