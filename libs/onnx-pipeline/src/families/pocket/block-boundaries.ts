import type { ModelFolder } from '../../model-folder.js';
import { ConfigFields } from '../config-fields.js';
import type { BlockBoundaries } from '../family.js';

/** Names the hidden states around a pocket transformer's blocks, as torch's exporter calls them by module and order. */
export async function openPocketBlockBoundaries(folder: ModelFolder): Promise<BlockBoundaries> {
  const config = new ConfigFields('transformer/config.json', await folder.readJson('transformer/config.json'));
  // Text and image tokens are joined before the blocks; each block ends by adding its perceptron's output.
  const afterBlock = (block: number) => `/blocks.${block}/Add_13_output_0`;
  const last = config.positiveInteger('num_layers') - 1;
  return { beforeFirst: '/Concat_6_output_0', afterFirst: afterBlock(0), afterLast: afterBlock(last) };
}
