import { parseArgs } from 'node:util';
import { LocalError } from '@darkroom/local';

/** What an evaluation does. */
export interface EvaluateOptions {
  readonly model: string;
  readonly perKind: number;
  /** Undefined for the model's own. */
  readonly steps: number | undefined;
  /** Undefined for the model's own. */
  readonly guidance: number | undefined;
  readonly seeds: number;
  readonly json: boolean;
  readonly card: boolean;
  /** Folder for every single picture; undefined for none. */
  readonly save: string | undefined;
}

/** What `--help` prints. */
export const help = `npm run evaluate -- [--model NAME] [OPTIONS]

Paints held-out captions, lets a classifier that was trained on real scenes tell what the pictures show, and compares. Writes the
figures to the model's folder: evaluation.json, evaluation.webp (a grid), and a section of its README.md. The same model and the
same arguments give the same figures.

  --model NAME      folder under models/ (pocket)
  --per-kind N      captions of each of the five kinds, 1 to 259 (40; a kind that has fewer gives all)
  --steps N         denoising steps, 1 to 100 (the model's own)
  --guidance SCALE  guidance scale, 0 to 20 (the model's own)
  --seeds N         seeds that diversity compares, 2 to 16 (4)
  --save FOLDER     keep every judged picture there, named by caption id and verdict
  --no-card         leave the model's folder as it is
  --json            the figures as one JSON object on standard output, nothing else
`;

const definitions = {
  model: { type: 'string', default: 'pocket' },
  'per-kind': { type: 'string', default: '40' },
  steps: { type: 'string' },
  guidance: { type: 'string' },
  seeds: { type: 'string', default: '4' },
  save: { type: 'string' },
  card: { type: 'boolean', default: true },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/**
 * Reads the command line; undefined when it asks for help.
 *
 * @throws LocalError naming the option whose value can't be used, TypeError for an unknown option.
 */
export function parseOptions(args: readonly string[]): EvaluateOptions | undefined {
  const { values } = parseArgs({ args: [...args], options: definitions, allowNegative: true });
  if (values.help) return undefined;
  if (!/^[\w.-]+$/.test(values.model) || /^\.+$/.test(values.model)) {
    throw new LocalError(`--model is "${values.model}": it must be the name of a folder under models/.`);
  }
  return {
    model: values.model,
    perKind: numberOf('per-kind', values['per-kind'], 1, 259),
    steps: values.steps === undefined ? undefined : numberOf('steps', values.steps, 1, 100),
    guidance: values.guidance === undefined ? undefined : numberOf('guidance', values.guidance, 0, 20, false),
    seeds: numberOf('seeds', values.seeds, 2, 16),
    json: values.json,
    card: values.card,
    save: values.save,
  };
}

function numberOf(name: string, text: string, low: number, high: number, whole = true): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= low && value <= high) || (whole && !Number.isInteger(value))) {
    throw new LocalError(`--${name} is "${text}": it must be a ${whole ? 'whole ' : ''}number from ${low} to ${high}.`);
  }
  return value;
}
