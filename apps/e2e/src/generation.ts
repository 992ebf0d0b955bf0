import type { GenerationBody, ImagesResponseBody } from '@darkroom/contracts/http';
import type { TestPlatform } from './platform.js';
import { until } from './processes.js';

/** A small, quick request; what differs is given. */
export function request(differing: object = {}): { prompt: string } & Record<string, unknown> {
  return {
    prompt: 'a red apple on a blue background',
    seed: 7,
    size: '64x64',
    steps: 3,
    response_format: 'b64_json',
    ...differing,
  };
}

/** Makes one image by a synchronous call and returns its bytes with the whole answer. */
export async function makeImage(
  platform: TestPlatform,
  differing: object = {},
): Promise<{ bytes: Buffer; answer: ImagesResponseBody }> {
  const response = await platform.post(request(differing));
  const text = await response.text();
  if (!response.ok) throw new Error(`the gateway answered ${response.status}: ${text.slice(0, 1000)}`);
  const answer = JSON.parse(text) as ImagesResponseBody;
  return { bytes: Buffer.from(answer.data[0]?.b64_json ?? '', 'base64'), answer };
}

/** Enqueues a generation without waiting for it. */
export async function submit(platform: TestPlatform, differing: object = {}): Promise<string> {
  const response = await platform.post(request(differing), { prefer: 'respond-async' });
  const text = await response.text();
  if (response.status !== 202) throw new Error(`expected 202, got ${response.status}: ${text.slice(0, 1000)}`);
  return (JSON.parse(text) as GenerationBody).id;
}

/** Asks for a generation's state; undefined while the gateway can't tell. */
export async function state(platform: TestPlatform, id: string): Promise<GenerationBody | undefined> {
  const response = await platform.fetch(`/v1/generations/${id}`);
  return response.ok ? ((await response.json()) as GenerationBody) : undefined;
}

const isFinal = (status: GenerationBody['status'] | undefined) =>
  status === 'succeeded' || status === 'failed' || status === 'cancelled';

/** Waits until a generation has ended, one way or the other. */
export async function ended(platform: TestPlatform, id: string, timeoutMs = 90_000): Promise<GenerationBody> {
  let last: GenerationBody | undefined;
  await until(
    `generation ${id} ends`,
    async () => {
      last = await state(platform, id);
      return isFinal(last?.status);
    },
    timeoutMs,
  );
  if (last === undefined) throw new Error('unreachable: the condition above held');
  return last;
}

/** Waits until a generation is some steps into its denoising. */
export async function denoising(platform: TestPlatform, id: string): Promise<void> {
  await until(`generation ${id} is being denoised`, async () => {
    const now = await state(platform, id);
    if (isFinal(now?.status)) throw new Error(`generation ${id} already ${now?.status}`);
    return now?.progress?.stage === 'denoise' && now.progress.step >= 2;
  });
}

/** Fetches a finished generation's first image. */
export async function firstImage(platform: TestPlatform, generation: GenerationBody): Promise<Buffer> {
  const response = await fetch(new URL(generation.data?.[0]?.url ?? '', platform.url));
  if (!response.ok) throw new Error(`the image's address answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
