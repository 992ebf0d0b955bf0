import { describe, expect, it } from 'vitest';
import { parseSchedulerConfig } from './scheduler-config.js';

/** Stable Diffusion 3's file, as diffusers 0.35 writes it. */
const sd3 = {
  _class_name: 'FlowMatchEulerDiscreteScheduler',
  _diffusers_version: '0.35.0',
  base_image_seq_len: 256,
  base_shift: 0.5,
  invert_sigmas: false,
  max_image_seq_len: 4096,
  max_shift: 1.15,
  num_train_timesteps: 1000,
  shift: 3.0,
  shift_terminal: null,
  stochastic_sampling: false,
  time_shift_type: 'exponential',
  use_beta_sigmas: false,
  use_dynamic_shifting: false,
  use_exponential_sigmas: false,
  use_karras_sigmas: false,
};

/** A flow-matching model's file for the multistep scheduler, with every option diffusers writes. */
const multistep = {
  _class_name: 'DPMSolverMultistepScheduler',
  _diffusers_version: '0.35.0',
  algorithm_type: 'dpmsolver++',
  beta_end: 0.02,
  beta_schedule: 'linear',
  beta_start: 0.0001,
  dynamic_thresholding_ratio: 0.995,
  euler_at_final: false,
  final_sigmas_type: 'zero',
  flow_shift: 3.0,
  lower_order_final: true,
  num_train_timesteps: 1000,
  prediction_type: 'flow_prediction',
  rescale_betas_zero_snr: false,
  sample_max_value: 1.0,
  solver_order: 2,
  solver_type: 'midpoint',
  steps_offset: 0,
  thresholding: false,
  time_shift_type: 'exponential',
  timestep_spacing: 'linspace',
  trained_betas: null,
  use_beta_sigmas: false,
  use_dynamic_shifting: false,
  use_exponential_sigmas: false,
  use_flow_sigmas: true,
  use_karras_sigmas: false,
  use_lu_lambdas: false,
  variance_type: null,
};

const heun = { _class_name: 'FlowMatchHeunDiscreteScheduler', num_train_timesteps: 1000, shift: 3 };

const plain = { numTrainTimesteps: 1000, shift: 3, spacing: 'default', evenLevels: 'at-least-noisy', wholeTimesteps: false };

describe('parseSchedulerConfig', () => {
  it("reads diffusers' own files", () => {
    expect(parseSchedulerConfig(sd3)).toEqual({ ...plain, solver: 'euler' });
    expect(parseSchedulerConfig(heun)).toEqual({ ...plain, solver: 'heun' });
    expect(parseSchedulerConfig(multistep)).toEqual({
      ...plain,
      solver: 'dpmpp_2m',
      evenLevels: 'down-to-zero',
      wholeTimesteps: true,
    });
  });

  it("falls back to diffusers' defaults", () => {
    expect(parseSchedulerConfig({ _class_name: sd3._class_name })).toMatchObject({ numTrainTimesteps: 1000, shift: 1 });
  });

  it.each(['karras', 'exponential', 'beta'])('reads %s sigmas', (spacing) => {
    expect(parseSchedulerConfig({ ...sd3, [`use_${spacing}_sigmas`]: true })).toMatchObject({ spacing });
  });

  it('reads dynamic and terminal shifts', () => {
    const flux = { ...sd3, use_dynamic_shifting: true, time_shift_type: 'linear', shift_terminal: 0.02 };
    expect(parseSchedulerConfig(flux)).toMatchObject({
      dynamicShift: { type: 'linear', baseShift: 0.5, maxShift: 1.15, baseTokens: 256, maxTokens: 4096 },
      shiftTerminal: 0.02,
    });
  });

  it.each([
    ['use_beta_sigmas', { ...sd3, use_karras_sigmas: true, use_beta_sigmas: true }],
    ['use_karras_sigmas', { ...sd3, use_karras_sigmas: 'yes' }],
    ['invert_sigmas', { ...sd3, invert_sigmas: true }],
    ['stochastic_sampling', { ...sd3, stochastic_sampling: true }],
    ['shift_terminal', { ...sd3, shift_terminal: 1 }],
    ['time_shift_type', { ...sd3, time_shift_type: 'cubic' }],
    ['max_image_seq_len', { ...sd3, use_dynamic_shifting: true, max_image_seq_len: 256 }],
    ['base_shift', { ...sd3, use_dynamic_shifting: true, base_shift: -1 }],
    ['shift', { ...sd3, shift: 0 }],
    ['shift', { ...sd3, shift: '3' }],
    ['num_train_timesteps', { ...sd3, num_train_timesteps: 10.5 }],
    ['beta_start', { ...sd3, beta_start: 0.1 }],
    ['shift_terminal', { ...heun, shift_terminal: 0.1 }],
    ['prediction_type', { ...multistep, prediction_type: 'epsilon' }],
    ['use_flow_sigmas', { ...multistep, use_flow_sigmas: undefined }],
    ['use_karras_sigmas', { ...multistep, use_karras_sigmas: true }],
    ['solver_order', { ...multistep, solver_order: 3 }],
    ['solver_type', { ...multistep, solver_type: 'heun' }],
    ['algorithm_type', { ...multistep, algorithm_type: 'sde-dpmsolver++' }],
    ['final_sigmas_type', { ...multistep, final_sigmas_type: 'sigma_min' }],
    ['flow_shift', { ...multistep, flow_shift: -1 }],
    ['shift', { ...multistep, shift: 3 }],
  ])('refuses a file that would not be followed, naming %s', (field, config) => {
    expect(() => parseSchedulerConfig(config)).toThrow(expect.objectContaining({ field }));
  });
});
