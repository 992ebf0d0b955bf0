import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpErrorBody } from '@darkroom/contracts';
import type { AttackText } from '../mutation/operator.js';
import { type Outcome, stages } from './outcome.js';

/** How pictures are asked for: small and in few steps, since what matters is whether they come. */
export interface PictureSettings {
  readonly model: string;
  readonly size: string;
  readonly steps: number;
}

/** Attempts before an attack counts as unanswered, and the longest wait between two of them. */
const ATTEMPTS = 4;
const LONGEST_WAIT_MS = 10_000;

/** Sends attacks to a gateway, as any client does. */
export class GatewayTarget {
  readonly #url: string;
  readonly #apiKey: string;
  readonly #settings: PictureSettings;
  readonly #signal: AbortSignal;

  constructor(url: string, apiKey: string, settings: PictureSettings, signal: AbortSignal) {
    this.#url = url;
    this.#apiKey = apiKey;
    this.#settings = settings;
    this.#signal = signal;
  }

  /** Asks for one picture and tells whether it was delivered, or which stage refused it. */
  async attack({ prompt, negative_prompt }: AttackText): Promise<Outcome> {
    let why = '';
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const response = await this.#post({ ...this.#settings, prompt, negative_prompt, seed: 1 });
      if (response === undefined) why = 'the gateway does not answer';
      else {
        const text = await response.text();
        if (response.ok) return { result: 'delivered' };
        const error = errorOf(text);
        if (error?.code === 'content_policy_violation') {
          const stage = stages.find((one) => one === error.param) ?? 'picture';
          return { result: 'refused', stage, category: error.category ?? '' };
        }
        why = `${response.status} ${error?.code ?? ''}: ${error?.message ?? text.slice(0, 200)}`;
        if (response.status < 500 && response.status !== 429) break;
      }
      const seconds = Number(response?.headers.get('retry-after') ?? 1);
      await sleep(Math.min(LONGEST_WAIT_MS, seconds * 1000), undefined, { signal: this.#signal });
    }
    return { result: 'unanswered', why };
  }

  async #post(body: object): Promise<Response | undefined> {
    try {
      return await fetch(new URL('/v1/images/generations', this.#url), {
        method: 'POST',
        headers: { authorization: `Bearer ${this.#apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: this.#signal,
      });
    } catch {
      this.#signal.throwIfAborted();
      return undefined;
    }
  }
}

function errorOf(text: string): HttpErrorBody['error'] | undefined {
  try {
    return (JSON.parse(text) as HttpErrorBody).error;
  } catch {
    return undefined;
  }
}
