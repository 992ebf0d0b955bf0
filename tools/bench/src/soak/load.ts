import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationBody } from '@darkroom/contracts/http';
import type { UsablePlatform } from '@darkroom/local';
import { prompts } from '../prompts.js';

/** What one generation of the soak asks for. */
export interface SoakRequest {
  readonly prompt: string;
  readonly seed: number;
  readonly size: string;
  readonly steps: number;
  readonly guidance_scale: number;
  readonly solver: 'euler' | 'heun' | 'dpmpp_2m';
  readonly n: number;
}

/** One generation that was submitted. */
export interface Submitted {
  readonly id: string;
  readonly request: SoakRequest;
}

const sizes = ['64x64', '96x64', '128x128'];
const solvers = ['euler', 'heun', 'dpmpp_2m'] as const;

/** Shares of the generations that are cancelled, and that have a deadline that may be too short. */
const cancelled = 0.08;
const hurried = 0.05;

/** Draws a request; few enough are different that each is made many times, so that their images can be compared. */
export function drawRequest(random: () => number): SoakRequest {
  const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;
  return {
    prompt: pick(prompts.slice(0, 4)),
    seed: Math.floor(random() * 2),
    size: pick(sizes),
    steps: pick([2, 4, 12]),
    guidance_scale: pick([1, 4]),
    solver: pick(solvers),
    n: random() < 0.1 ? 2 : 1,
  };
}

/** Submits generations, some with a short deadline, some to be cancelled a moment later. */
export class Submitter {
  private readonly platform: UsablePlatform;
  private readonly random: () => number;

  constructor(platform: UsablePlatform, random: () => number) {
    this.platform = platform;
    this.random = random;
  }

  /**
   * Submits one; a gateway that can't take it for a moment is asked again under the same key, which counts once.
   *
   * @returns undefined when its deadline had passed by then.
   */
  async submit(): Promise<Submitted | undefined> {
    const request = drawRequest(this.random);
    const deadline = this.random() < hurried ? new Date(Date.now() + 100 + this.random() * 1500).toISOString() : undefined;
    const willCancel = this.random() < cancelled;
    const cancelAfterMs = this.random() * 600;
    const key = crypto.randomUUID();
    for (;;) {
      const response = await this.call('POST', '/v1/images/generations', { ...request, deadline }, key);
      if (response.status === 202) {
        const { id } = (await response.json()) as GenerationBody;
        if (willCancel) void sleep(cancelAfterMs).then(() => this.cancel(id));
        return { id, request };
      }
      const text = await response.text();
      if (response.status === 400 && deadline !== undefined && text.includes('"deadline"')) return undefined;
      if (response.status !== 503) throw new Error(`the gateway answered ${response.status}: ${text.slice(0, 300)}`);
      await sleep(200);
    }
  }

  /** Asks for a generation's state. */
  async state(id: string): Promise<GenerationBody> {
    const response = await this.call('GET', `/v1/generations/${id}`);
    if (!response.ok) throw new Error(`the gateway answered ${response.status} for ${id}`);
    return (await response.json()) as GenerationBody;
  }

  private async cancel(id: string): Promise<void> {
    const response = await this.call('DELETE', `/v1/generations/${id}`);
    await response.body?.cancel();
  }

  private call(method: string, route: string, body?: object, key?: string): Promise<Response> {
    return fetch(`${this.platform.gatewayUrl}${route}`, {
      method,
      headers: {
        authorization: `Bearer ${this.platform.apiKey}`,
        ...(body && { 'content-type': 'application/json', prefer: 'respond-async' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  }
}
