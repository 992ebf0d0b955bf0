import { type NamedTensors, tensor } from '@darkroom/tensor';
import { Tokenizer } from '@huggingface/tokenizers';
import type { ModelFolder } from '../../model-folder.js';
import { PipelineError } from '../../pipeline-error.js';
import { ConfigFields } from '../config-fields.js';
import type { PromptFormat } from '../family.js';

/** Reads a pocket model's tokenizer and the text encoder's limits. */
export async function openPocketPromptFormat(folder: ModelFolder): Promise<PromptFormat> {
  const [tokenizerJson, tokenizerConfig, encoderConfig] = await Promise.all([
    folder.readJson('tokenizer/tokenizer.json'),
    folder.readJson('tokenizer/tokenizer_config.json'),
    folder.readJson('text_encoder/config.json'),
  ]);
  const fields = new ConfigFields('text_encoder/config.json', encoderConfig);
  const window = fields.positiveInteger('window_size');
  const tokenizer = new Tokenizer(tokenizerJson, tokenizerConfig);
  const padToken = tokenizerConfig.pad_token;
  const padId = typeof padToken === 'string' ? tokenizer.token_to_id(padToken) : undefined;
  if (padId === undefined) {
    throw PipelineError.modelDamaged('tokenizer/tokenizer_config.json: pad_token must be a token of the vocabulary');
  }
  return {
    maxTokens: Math.min(
      fields.positiveInteger('max_position_embeddings'),
      new ConfigFields('tokenizer/tokenizer_config.json', tokenizerConfig).positiveInteger('model_max_length'),
    ),
    tokenize: (prompt) => tokenizer.encode(prompt).ids,
    textEncoderInputs: (tokenIds) => textEncoderInputs(tokenIds, window, padId),
  };
}

/**
 * Pads token ids to whole attention windows.
 *
 * @returns input_ids and attention_mask, int64 [1, sequence], sequence a multiple of the window; the mask is 0 on padding.
 */
export function textEncoderInputs(tokenIds: readonly number[], window: number, padId: number): NamedTensors {
  const sequence = Math.max(1, Math.ceil(tokenIds.length / window)) * window;
  const ids = new BigInt64Array(sequence).fill(BigInt(padId));
  const mask = new BigInt64Array(sequence);
  tokenIds.forEach((id, position) => {
    ids[position] = BigInt(id);
    mask[position] = 1n;
  });
  return {
    input_ids: tensor('int64', [1, sequence], ids),
    attention_mask: tensor('int64', [1, sequence], mask),
  };
}
