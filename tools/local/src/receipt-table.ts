import type { ReceiptBody } from '@darkroom/contracts/http';
import { table } from './table.js';

const milliseconds = (value: number) => `${value.toFixed(1)} ms`;

/** Lays a receipt out for reading: what made the image, and how long each stage took. */
export function receiptTable(receipt: ReceiptBody, id: string): string {
  const facts = [
    ['generation', id],
    ['seed', `${receipt.seed}`],
    ['model', receipt.model],
    ['model digest', receipt.model_digest],
    ['scheduler', `${receipt.scheduler}, shift ${receipt.shift}`],
    ...(receipt.sigmas === undefined ? [] : [['sigmas', receipt.sigmas]]),
    ['steps', `${receipt.steps}`],
    ['guidance', `${receipt.guidance_scale}`],
    ...(receipt.first_block_cache === undefined ? [] : [['first-block cache', `${receipt.first_block_cache}`]]),
    ['size', `${receipt.width}x${receipt.height}`],
    [
      'versions',
      Object.entries(receipt.versions)
        .map((entry) => entry.join(' '))
        .join(', '),
    ],
  ];
  const total = { stage: 'all', total_ms: 0, kernel_ms: 0 };
  for (const timing of receipt.timings) {
    total.total_ms += timing.total_ms;
    total.kernel_ms += timing.kernel_ms;
  }
  const stages = [...receipt.timings, total].map((timing) => [
    timing.stage,
    milliseconds(timing.total_ms),
    milliseconds(timing.kernel_ms),
  ]);
  return `${table(facts)}\n\n${table([['stage', 'time', 'of which kernels'], ...stages], [1, 2])}`;
}
