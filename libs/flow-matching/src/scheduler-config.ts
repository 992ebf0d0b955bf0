import { ConfigFile } from './config-file.js';
import type { DynamicShift } from './shifts/dynamic-shift.js';
import type { SolverName } from './solvers/solver-registry.js';
import type { SigmaSpacing } from './spacings/spacing-registry.js';

/** Settings of a scheduler, checked; the file is a model folder's `scheduler/scheduler_config.json`. */
export interface SchedulerConfig {
  readonly solver: SolverName;
  readonly spacing: SigmaSpacing;
  /** Timesteps the model was trained on; the transformer is told sigma times this. */
  readonly numTrainTimesteps: number;
  /** How far sigmas lean to noise: 1 is uniform; SD3 uses 3. Without effect under a dynamic shift. */
  readonly shift: number;
  /** Replaces the shift by one that grows with the image. */
  readonly dynamicShift?: DynamicShift | undefined;
  /** The last level before 0, to which the others are stretched. */
  readonly shiftTerminal?: number | undefined;
  /**
   * Where evenly spaced levels end before the shift: `at-least-noisy`, with the last of them the least noisy level of the training;
   * `down-to-zero`, with 0 one even step below the last.
   */
  readonly evenLevels: 'at-least-noisy' | 'down-to-zero';
  /** Whether the transformer is told whole timesteps, rounded down. */
  readonly wholeTimesteps: boolean;
}

/**
 * Every class of diffusers' files that is understood. Options that change the sigmas or steps in ways not offered here are
 * accepted with the values under which they change nothing, and refused otherwise: ignoring them would give other pictures
 * without saying so.
 */
const parsers: Readonly<Record<string, (file: ConfigFile) => SchedulerConfig>> = {
  FlowMatchEulerDiscreteScheduler: parseEuler,
  FlowMatchHeunDiscreteScheduler: parseHeun,
  DPMSolverMultistepScheduler: parseMultistep,
};

/**
 * Checks the parsed content of a `scheduler_config.json` as diffusers writes it.
 *
 * @throws SchedulerConfigError naming the first field that is unknown, set to something unsupported, or at odds with another.
 */
export function parseSchedulerConfig(content: Readonly<Record<string, unknown>>): SchedulerConfig {
  const file = new ConfigFile(content);
  const parse = parsers[file.choice('_class_name', Object.keys(parsers))] as (file: ConfigFile) => SchedulerConfig;
  file.withoutEffect('_diffusers_version');
  const config = parse(file);
  file.expectAllRead();
  return config;
}

function parseEuler(file: ConfigFile): SchedulerConfig {
  file.only('invert_sigmas', [false]);
  file.only('stochastic_sampling', [false]);
  return {
    ...parseFlowMatch(file),
    solver: 'euler',
    spacing: parseSpacing(file),
    dynamicShift: parseDynamicShift(file),
    shiftTerminal: parseShiftTerminal(file),
  };
}

function parseHeun(file: ConfigFile): SchedulerConfig {
  return { ...parseFlowMatch(file), solver: 'heun', spacing: 'default' };
}

function parseFlowMatch(file: ConfigFile): Omit<SchedulerConfig, 'solver' | 'spacing'> {
  return {
    numTrainTimesteps: file.positive('num_train_timesteps', 1000, Number.isSafeInteger),
    shift: file.positive('shift', 1),
    evenLevels: 'at-least-noisy',
    wholeTimesteps: false,
  };
}

/** The multistep scheduler as flow-matching models set it, such as Sana; its own variance-preserving schedules are refused. */
function parseMultistep(file: ConfigFile): SchedulerConfig {
  file.required('prediction_type', ['flow_prediction']);
  file.required('use_flow_sigmas', [true]);
  file.only('algorithm_type', ['dpmsolver++']);
  file.only('solver_order', [2]);
  file.only('solver_type', ['midpoint']);
  file.only('final_sigmas_type', ['zero']);
  file.only('thresholding', [false]);
  file.only('variance_type', [null]);
  file.only('use_dynamic_shifting', [false]);
  // diffusers prefers these to the flow's sigmas, and takes them from the variance-preserving schedule.
  for (const field of ['use_lu_lambdas', 'use_karras_sigmas', 'use_exponential_sigmas', 'use_beta_sigmas']) {
    file.only(field, [false, null]);
  }
  file.withoutEffect(
    // Of the variance-preserving schedule, which flow sigmas replace.
    ...['beta_start', 'beta_end', 'beta_schedule', 'trained_betas', 'rescale_betas_zero_snr', 'lambda_min_clipped'],
    ...['timestep_spacing', 'steps_offset', 'time_shift_type'],
    // Of thresholding.
    ...['dynamic_thresholding_ratio', 'sample_max_value'],
    // A last step to sigma 0 is of first order in any case.
    ...['lower_order_final', 'euler_at_final'],
  );
  return {
    solver: 'dpmpp_2m',
    spacing: 'default',
    numTrainTimesteps: file.positive('num_train_timesteps', 1000, Number.isSafeInteger),
    shift: file.positive('flow_shift', 1),
    evenLevels: 'down-to-zero',
    wholeTimesteps: true,
  };
}

function parseSpacing(file: ConfigFile): SigmaSpacing {
  const chosen = (['karras', 'exponential', 'beta'] as const).filter((name) => file.flag(`use_${name}_sigmas`));
  if (chosen.length > 1) {
    throw file.error(`use_${chosen[1]}_sigmas`, `can't be used together with use_${chosen[0]}_sigmas`);
  }
  return chosen[0] ?? 'default';
}

function parseDynamicShift(file: ConfigFile): DynamicShift | undefined {
  const [baseTokens, maxTokens] = [file.positive('base_image_seq_len', 256), file.positive('max_image_seq_len', 4096)];
  const shift: DynamicShift = {
    type: file.choice('time_shift_type', ['exponential', 'linear'], 'exponential'),
    baseShift: file.positive('base_shift', 0.5),
    maxShift: file.positive('max_shift', 1.15),
    baseTokens,
    maxTokens,
  };
  if (!file.flag('use_dynamic_shifting')) {
    return undefined;
  }
  if (maxTokens <= baseTokens) {
    throw file.error('max_image_seq_len', `must be above base_image_seq_len, ${baseTokens}, not ${maxTokens}`);
  }
  return shift;
}

/** As in diffusers, null and 0 stand for none. */
function parseShiftTerminal(file: ConfigFile): number | undefined {
  const terminal = file.read('shift_terminal') ?? 0;
  if (typeof terminal !== 'number' || !(terminal >= 0 && terminal < 1)) {
    throw file.error('shift_terminal', `must be a number above 0 and below 1, or null, not ${JSON.stringify(terminal)}`);
  }
  return terminal === 0 ? undefined : terminal;
}
