import { harmCategories } from '@darkroom/contracts';
import { z } from 'zod';
import { VerifiedFolder } from '../verified-folder.js';

const perChannel = z.tuple([z.number(), z.number(), z.number()]);

const configSchema = z
  .object({
    /** How verdicts name it. */
    name: z.string().regex(/^[\w.-]+$/),
    input_name: z.string(),
    output_name: z.string(),
    /** Side of the square that it looks at, in pixels. */
    input_size: z.int().min(8).max(2048),
    input_layout: z.enum(['NHWC', 'NCHW']),
    /** Taken off and divided by, channel by channel, when the values are from 0 to 1. */
    mean: perChannel.default([0, 0, 0]),
    std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).default([1, 1, 1]),
    /** How a picture becomes the square: its whole content, whatever its shape. */
    resize: z.enum(['bilinear, corners aligned', 'bilinear, antialiased']),
    /** What turns its output into probabilities. */
    activation: z.enum(['none', 'softmax', 'sigmoid']).default('none'),
    /** One for each value of its output. */
    classes: z.array(z.string()).min(1),
    /** Its calibration: the summed probability of some classes from which on they are a harm of a severity. */
    rules: z
      .array(
        z.strictObject({
          category: z.enum(harmCategories),
          reason: z.string().regex(/^[a-z_]+$/),
          classes: z.array(z.string()).min(1),
          threshold: z.number().gt(0).lt(1),
          severity: z.union([z.literal(1), z.literal(2), z.literal(3)]),
        }),
      )
      .min(1),
  })
  .superRefine(({ classes, rules }, context) => {
    for (const name of rules.flatMap((rule) => rule.classes)) {
      if (!classes.includes(name)) context.addIssue({ code: 'custom', path: ['rules'], message: `there is no class "${name}"` });
    }
  });

const referenceSchema = z.object({
  pictures: z.array(z.object({ name: z.string(), png: z.base64(), probabilities: z.array(z.number()) })).min(1),
});

/** What a classifier is fed, and what its answers mean: its `config.json`. */
export type ClassifierConfig = z.output<typeof configSchema>;

/** An image classifier on disk: `model.onnx`, `config.json`, `reference.json`, and the SHA-256 of each in `digests.json`. */
export interface ClassifierFolder {
  readonly modelPath: string;
  /** Digest of `digests.json`, and so of the whole classifier. */
  readonly digest: string;
  readonly config: ClassifierConfig;
  /** Pictures with the probabilities that the classifier is known to give. */
  readonly reference: z.output<typeof referenceSchema>['pictures'];
}

/**
 * Opens a classifier and checks all its files.
 *
 * @throws PipelineError `model_damaged` naming each file that is missing, altered or malformed, with both digests.
 */
export async function openClassifier(path: string): Promise<ClassifierFolder> {
  const folder = await VerifiedFolder.open(path, 'image classifier', ['model.onnx', 'config.json', 'reference.json']);
  return {
    modelPath: folder.pathOf('model.onnx'),
    digest: folder.digest,
    config: folder.json('config.json', configSchema),
    reference: folder.json('reference.json', referenceSchema).pictures,
  };
}
