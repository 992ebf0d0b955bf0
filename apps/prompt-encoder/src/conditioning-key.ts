import { createHash } from 'node:crypto';

/** All that decides the bytes of a prompt's conditioning. */
export interface ConditioningSource {
  /** Digest of the model's parts that the prompt encoder reads: models that are alike in them have the same conditioning. */
  readonly partsDigest: string;
  /** Version of ONNX Runtime: another one may round differently. */
  readonly runtimeVersion: string;
  /** What runs the kernels, in which precision, on which kind of processor, for the same reason. */
  readonly processor: string;
  readonly prompt: string;
}

/** Names a prompt's conditioning, in 64 hexadecimal digits: equal keys have equal bytes. The prompt can't be read from it. */
export function conditioningKey({ partsDigest, runtimeVersion, processor, prompt }: ConditioningSource): string {
  return createHash('sha256')
    .update(JSON.stringify([partsDigest, runtimeVersion, processor, prompt]))
    .digest('hex');
}
