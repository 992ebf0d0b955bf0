import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ModelFolder } from '../../model-folder.js';
import { openPocketPromptFormat, textEncoderInputs } from './prompt-format.js';

const folder = await ModelFolder.open(fileURLToPath(new URL('../../../../../models/pocket', import.meta.url)));

describe('textEncoderInputs', () => {
  it('pads to whole windows and masks the padding', () => {
    const { input_ids, attention_mask } = textEncoderInputs([5, 6, 7], 4, 9);
    expect(input_ids).toEqual({ dataType: 'int64', shape: [1, 4], data: BigInt64Array.of(5n, 6n, 7n, 9n) });
    expect(attention_mask).toEqual({ dataType: 'int64', shape: [1, 4], data: BigInt64Array.of(1n, 1n, 1n, 0n) });
  });

  it.each([
    [0, 64],
    [1, 64],
    [64, 64],
    [65, 128],
  ])('lays %d tokens out as %d', (tokens, sequence) => {
    expect(textEncoderInputs(new Array(tokens).fill(1), 64, 0).input_ids?.shape).toEqual([1, sequence]);
  });
});

describe('the pocket tokenizer', () => {
  it('reads any text, the empty one too', async () => {
    const { tokenize, maxTokens } = await openPocketPromptFormat(folder);
    expect(maxTokens).toBe(32_768);
    const short = tokenize('a red apple').length;
    expect(tokenize('').length).toBeLessThan(short);
    expect(tokenize('a red apple').every(Number.isInteger)).toBe(true);
    expect(tokenize('ein Apfel, りんご, 🍎\u0000').length).toBeGreaterThan(short);
  });
});
