import { describe, expect, it } from 'vitest';
import { ConfigFields } from './config-fields.js';

const fields = new ConfigFields('vae_decoder/config.json', { channels: 2, mean: [0, 1], matrix: [[1], ['x']], zero: 0 });

describe('ConfigFields', () => {
  it('reads what has the right type', () => {
    expect(fields.positiveInteger('channels')).toBe(2);
    expect(fields.numbers('mean', 2)).toEqual([0, 1]);
  });

  it.each([
    ['zero must be a whole number of at least 1', () => fields.positiveInteger('zero')],
    ['absent must be a whole number of at least 1', () => fields.positiveInteger('absent')],
    ['mean must be a list of 3 numbers', () => fields.numbers('mean', 3)],
    ['matrix must be a list of 3 lists', () => fields.matrix('matrix', 3, 1)],
    ['matrix[1] must be a list of 1 numbers', () => fields.matrix('matrix', 2, 1)],
  ])('says that %s', (message, read) => {
    expect(read).toThrow(expect.objectContaining({ code: 'model_damaged', message: `vae_decoder/config.json: ${message}` }));
  });
});
