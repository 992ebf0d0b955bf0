import { describe, expect, it } from 'vitest';
import { Config } from './config.js';
import { engineOptions } from './engine-options.js';

const required = {
  MODEL: 'pocket',
  PROMPT_ENCODER_ADDRESS: '127.0.0.1:1',
  VAE_DECODER_ADDRESS: '127.0.0.1:2',
  MODERATOR_ADDRESS: '127.0.0.1:3',
  CONTROL_PLANE_ADDRESS: '127.0.0.1:4',
};

describe('engineOptions', () => {
  it('leaves everything to be measured unless told otherwise', () => {
    expect(engineOptions(Config.read(required))).toEqual({
      warmUpSizes: [],
      memoryLimitBytes: undefined,
      batchRows: undefined,
      deterministic: false,
    });
    const environment = { WARM_UP_SIZES: '256x128', BATCH_MEMORY_LIMIT_BYTES: '268435456', BATCH_ROWS: '4', DETERMINISTIC: '1' };
    expect(engineOptions(Config.read({ ...required, ...environment }))).toEqual({
      warmUpSizes: [{ width: 256, height: 128 }],
      memoryLimitBytes: 2 ** 28,
      batchRows: 4,
      deterministic: true,
    });
  });

  it('refuses a limit that a GPU would not keep', () => {
    const environment = { ...required, EXECUTION_PROVIDER: 'cuda', BATCH_MEMORY_LIMIT_BYTES: '268435456' };
    expect(() => engineOptions(Config.read(environment))).toThrow(
      'BATCH_MEMORY_LIMIT_BYTES is for EXECUTION_PROVIDER=cpu: with cuda, limit passes by BATCH_ROWS',
    );
  });
});
