import type { ImagesResponseBody, ReceiptBody } from '@darkroom/contracts/http';
import type { UsablePlatform } from '@darkroom/local';

/** One generation, timed from the first byte sent to the last byte received. */
export interface TimedGeneration {
  readonly wallMs: number;
  readonly receipt: ReceiptBody;
}

/**
 * Makes images the way any client does: one synchronous request, with the pixels in the answer.
 * @throws Error when the gateway refuses.
 */
export async function timedGeneration(platform: UsablePlatform, request: object, signal: AbortSignal): Promise<TimedGeneration> {
  const startedAt = performance.now();
  const response = await fetch(`${platform.gatewayUrl}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${platform.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal,
  });
  const text = await response.text();
  const wallMs = performance.now() - startedAt;
  if (!response.ok) throw new Error(`the gateway answered ${response.status}: ${text.slice(0, 500)}`);
  const { receipt } = JSON.parse(text) as ImagesResponseBody;
  return { wallMs, receipt };
}
