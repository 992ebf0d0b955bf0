import { harmCategories } from '@darkroom/contracts';
import { z } from 'zod';
import { VerifiedFolder } from '../../verified-folder.js';

const probability = z.number().min(0).max(1);

/** How a text becomes numbers without a vocabulary; see `HashedNgrams` of the engine. */
const ngramsSchema = z
  .strictObject({
    kind: z.literal('hashed_ngrams'),
    bucket_bits: z.int().min(8).max(22),
    characters: z
      .tuple([z.int().min(1).max(8), z.int().min(1).max(8)])
      .refine(([shortest, longest]) => shortest <= longest, 'the shortest n-gram must not be longer than the longest'),
    word_length: z.int().min(8).max(64),
    window: z.int().min(2).max(512),
    stride: z.int().min(1),
  })
  .refine(({ window, stride }) => stride <= window, {
    path: ['stride'],
    message: 'must not be longer than a window, or words between two would be seen by nobody',
  });

/** How it becomes tokens, by the `tokenizer.json` and `tokenizer_config.json` beside the graph. */
const tokensSchema = z.strictObject({
  kind: z.literal('tokens'),
  /** Tokens in one window, special ones included, and those that it shares with the one before. */
  window: z.int().min(8).max(8192),
  overlap: z.int().min(0).default(16),
  /** Names of the graph's inputs; null where it has no such. */
  ids_name: z.string().default('input_ids'),
  mask_name: z.string().nullable().default('attention_mask'),
  types_name: z.string().nullable().default(null),
});

const configSchema = z.object({
  /** How verdicts name it. */
  name: z.string().regex(/^[\w.-]+$/),
  /** Of the graph with hashed n-grams; one with tokens names its inputs there. */
  input_name: z.string().default('features'),
  output_name: z.string(),
  /** What turns its output into probabilities. */
  activation: z.enum(['none', 'softmax', 'sigmoid']).default('none'),
  features: z.discriminatedUnion('kind', [ngramsSchema, tokensSchema]),
  /** One for each value of its output, which is the probability that a text is of that category and at least so grave; null for no harm. */
  labels: z
    .array(
      z
        .strictObject({
          category: z.enum(harmCategories),
          severity: z.union([z.literal(1), z.literal(2), z.literal(3)]),
          /** Its calibration: the probability from which on it is found; null means that it is never found. */
          threshold: z.number().gt(0).lt(1).nullable(),
        })
        .nullable(),
    )
    .min(1),
});

const referenceSchema = z.object({ texts: z.array(z.object({ text: z.string(), probabilities: z.array(probability) })).min(1) });

/** What a text classifier is fed, and what its answers mean: its `config.json`. */
export type TextClassifierConfig = z.output<typeof configSchema>;

/** A text classifier on disk: `model.onnx`, `config.json`, `reference.json`, perhaps a tokenizer, and the SHA-256 of each in `digests.json`. */
export interface TextClassifierFolder {
  readonly modelPath: string;
  /** Digest of `digests.json`, and so of the whole classifier. */
  readonly digest: string;
  readonly config: TextClassifierConfig;
  /** Of a classifier that reads tokens: the contents of its tokenizer's files. */
  readonly tokenizer: { readonly tokenizer: object; readonly config: object } | undefined;
  /** Texts with the probabilities that the classifier is known to give. */
  readonly reference: z.output<typeof referenceSchema>['texts'];
}

/**
 * Opens a text classifier and checks all its files.
 *
 * @throws PipelineError `model_damaged` naming each file that is missing, altered or malformed, with both digests.
 */
export async function openTextClassifier(path: string): Promise<TextClassifierFolder> {
  const folder = await VerifiedFolder.open(path, 'text classifier', ['model.onnx', 'config.json', 'reference.json']);
  const config = folder.json('config.json', configSchema);
  const json = (file: string): object => folder.json(file, z.looseObject({}));
  const tokenizer =
    config.features.kind === 'tokens' ? { tokenizer: json('tokenizer.json'), config: json('tokenizer_config.json') } : undefined;
  return {
    modelPath: folder.pathOf('model.onnx'),
    digest: folder.digest,
    config,
    tokenizer,
    reference: folder.json('reference.json', referenceSchema).texts,
  };
}
