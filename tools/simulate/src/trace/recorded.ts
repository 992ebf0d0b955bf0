import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { LocalError } from '@darkroom/local';
import { z } from 'zod';
import type { SimulatedRequest } from '../request.js';

const line = z.strictObject({
  at: z.number().min(0),
  tenant: z.string().min(1),
  width: z.int().positive().max(16_384),
  height: z.int().positive().max(16_384),
  steps: z.int().positive().max(1_000),
  n: z.int().positive().max(64).default(1),
  guidance_scale: z.number().min(0).default(4),
  priority: z.union([z.literal(-1), z.literal(0), z.literal(1)]).default(0),
  weight: z.number().positive().default(1),
  deadline: z.number().positive().optional(),
});

/**
 * Reads a recorded trace: one JSON object a line, in the order of arrival.
 *
 * @param deadlineSeconds of requests that have none of their own.
 * @throws {LocalError} Thrown with the number of the line that is no request, or comes before the one above it.
 */
export async function readTrace(file: string, deadlineSeconds: number): Promise<SimulatedRequest[]> {
  const requests: SimulatedRequest[] = [];
  const stream = createReadStream(file, 'utf8');
  let number = 0;
  try {
    for await (const text of createInterface(stream)) {
      number += 1;
      if (text.trim() !== '') requests.push(parseLine(text, requests, deadlineSeconds));
    }
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new LocalError(number === 0 ? `--trace ${file}: ${reason}` : `${file}, line ${number}: ${reason}`);
  }
  return requests;
}

function parseLine(text: string, before: readonly SimulatedRequest[], deadlineSeconds: number): SimulatedRequest {
  const { at, tenant, n, guidance_scale, deadline, ...rest } = line.parse(JSON.parse(text));
  if (at < (before.at(-1)?.atSeconds ?? 0)) throw new Error('it arrives before the one above it');
  return {
    ...rest,
    id: `gen-${before.length}`,
    atSeconds: at,
    tenantId: tenant,
    imageCount: n,
    guidanceScale: guidance_scale,
    solver: '',
    strength: 0,
    deadlineSeconds: deadline ?? deadlineSeconds,
  };
}
