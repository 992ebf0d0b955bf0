/** Settings of a scheduler, checked; the file is a model folder's `scheduler/scheduler_config.json`. */
export interface FlowMatchEulerDiscreteConfig {
  /** Timesteps the model was trained on; the transformer is told sigma times this. */
  readonly numTrainTimesteps: number;
  /** How far sigmas lean to noise: 1 is uniform; SD3 uses 3. */
  readonly shift: number;
}

/**
 * Options of diffusers' scheduler that change the sigmas in ways this one does not offer, with the values under which they
 * change nothing. Any other value is refused: ignoring it would give other pictures without saying so.
 */
const inertValues: Readonly<Record<string, readonly unknown[]>> = {
  use_dynamic_shifting: [false],
  invert_sigmas: [false],
  shift_terminal: [null],
  use_karras_sigmas: [false, null],
  use_exponential_sigmas: [false, null],
  use_beta_sigmas: [false, null],
  stochastic_sampling: [false],
};

/** Options without effect while dynamic shifting is off, and the file's own bookkeeping. */
const ignorable = new Set([
  '_class_name',
  '_diffusers_version',
  'base_shift',
  'max_shift',
  'base_image_seq_len',
  'max_image_seq_len',
  'time_shift_type',
]);

/** Thrown when a scheduler's configuration asks for what this library does not do; `field` is the key at fault. */
export class SchedulerConfigError extends Error {
  override readonly name = 'SchedulerConfigError';
  readonly field: string;

  constructor(field: string, message: string) {
    super(`scheduler_config.json: ${field} ${message}`);
    this.field = field;
  }
}

/**
 * Checks the parsed content of a `scheduler_config.json` as diffusers writes it.
 *
 * @throws SchedulerConfigError naming the first field that is unknown, or set to something unsupported.
 */
export function parseSchedulerConfig(config: Readonly<Record<string, unknown>>): FlowMatchEulerDiscreteConfig {
  for (const [field, value] of Object.entries(config)) {
    if (field in inertValues) {
      if (!inertValues[field]?.includes(value)) {
        const allowed = inertValues[field]?.map((inert) => JSON.stringify(inert)).join(' or ');
        throw new SchedulerConfigError(field, `must be ${allowed}: ${JSON.stringify(value)} is not supported`);
      }
    } else if (!ignorable.has(field) && field !== 'num_train_timesteps' && field !== 'shift') {
      throw new SchedulerConfigError(field, 'is not an option of this scheduler: remove it');
    }
  }
  return {
    numTrainTimesteps: positiveNumber(config, 'num_train_timesteps', 1000, Number.isSafeInteger),
    shift: positiveNumber(config, 'shift', 1, Number.isFinite),
  };
}

/** Reads a number above 0, or its default when the field is absent, as diffusers does. */
function positiveNumber(
  config: Readonly<Record<string, unknown>>,
  field: string,
  defaultValue: number,
  accepts: (value: number) => boolean,
): number {
  const value = config[field] ?? defaultValue;
  if (typeof value !== 'number' || !accepts(value) || value <= 0) {
    throw new SchedulerConfigError(field, `must be a number above 0, not ${JSON.stringify(value)}`);
  }
  return value;
}
