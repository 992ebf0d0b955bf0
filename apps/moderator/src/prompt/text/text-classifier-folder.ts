import { harmCategories } from '@darkroom/contracts';
import { z } from 'zod';
import { VerifiedFolder } from '../../verified-folder.js';

const probability = z.number().min(0).max(1);

const configSchema = z.object({
  /** How verdicts name it. */
  name: z.string().regex(/^[\w.-]+$/),
  input_name: z.string(),
  output_name: z.string(),
  /** How a text becomes numbers; see `HashedNgrams` of the engine. */
  features: z.strictObject({
    kind: z.literal('hashed_ngrams'),
    bucket_bits: z.int().min(8).max(22),
    characters: z
      .tuple([z.int().min(1).max(8), z.int().min(1).max(8)])
      .refine(([shortest, longest]) => shortest <= longest, 'the shortest n-gram must not be longer than the longest'),
    word_length: z.int().min(8).max(64),
    window: z.int().min(2).max(512),
    stride: z.int().min(1),
  }),
  /** One for each value of its output, which is the probability that a text is of that category and at least so grave. */
  labels: z
    .array(
      z.strictObject({
        category: z.enum(harmCategories),
        severity: z.union([z.literal(1), z.literal(2), z.literal(3)]),
        /** Its calibration: the probability from which on it is found; null means that it is never found. */
        threshold: z.number().gt(0).lt(1).nullable(),
      }),
    )
    .min(1),
});

const manifestSchema = configSchema.refine(({ features: { window, stride } }) => stride <= window, {
  path: ['features', 'stride'],
  message: 'must not be longer than a window, or words between two would be seen by nobody',
});

const referenceSchema = z.object({ texts: z.array(z.object({ text: z.string(), probabilities: z.array(probability) })).min(1) });

/** What a text classifier is fed, and what its answers mean: its `config.json`. */
export type TextClassifierConfig = z.output<typeof configSchema>;

/** A text classifier on disk: `model.onnx`, `config.json`, `reference.json`, and the SHA-256 of each in `digests.json`. */
export interface TextClassifierFolder {
  readonly modelPath: string;
  /** Digest of `digests.json`, and so of the whole classifier. */
  readonly digest: string;
  readonly config: TextClassifierConfig;
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
  return {
    modelPath: folder.pathOf('model.onnx'),
    digest: folder.digest,
    config: folder.json('config.json', manifestSchema),
    reference: folder.json('reference.json', referenceSchema).texts,
  };
}
