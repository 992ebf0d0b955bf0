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

describe('parseSchedulerConfig', () => {
  it("reads diffusers' own file", () => {
    expect(parseSchedulerConfig(sd3)).toEqual({ numTrainTimesteps: 1000, shift: 3 });
  });

  it("falls back to diffusers' defaults", () => {
    expect(parseSchedulerConfig({ _class_name: sd3._class_name })).toEqual({ numTrainTimesteps: 1000, shift: 1 });
  });

  it.each([
    ['use_karras_sigmas', { ...sd3, use_karras_sigmas: true }],
    ['use_dynamic_shifting', { ...sd3, use_dynamic_shifting: true }],
    ['shift', { ...sd3, shift: 0 }],
    ['shift', { ...sd3, shift: '3' }],
    ['num_train_timesteps', { ...sd3, num_train_timesteps: 10.5 }],
    ['beta_start', { ...sd3, beta_start: 0.1 }],
  ])('refuses a file that would not be followed, naming %s', (field, config) => {
    expect(() => parseSchedulerConfig(config)).toThrow(expect.objectContaining({ field }));
  });
});
