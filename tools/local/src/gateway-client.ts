import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationBody } from '@darkroom/contracts/http';
import { LocalError } from './config.js';
import { errorMessage } from './control-plane-client.js';

/** Body of POST /v1/images/generations; the gateway validates it. */
export type GenerationRequest = Readonly<Record<string, string | number>>;

/** How long a gateway may be away (restarting, say) before a command gives up on it. */
const PATIENCE_MS = 30_000;

/** How long a command that was told to stop waits until the gateway has noted that. */
const CANCEL_PATIENCE_MS = 3_000;

/** Thrown when the gateway can't be reached or asks to come back later. */
class Unreachable extends LocalError {}

/** An ordinary client of the gateway's HTTP API. */
export class GatewayClient {
  readonly #baseUrl: string;
  readonly #apiKey: string;
  readonly #signal: AbortSignal;

  constructor(baseUrl: string, apiKey: string, signal: AbortSignal) {
    this.#baseUrl = baseUrl;
    this.#apiKey = apiKey;
    this.#signal = signal;
  }

  /** Enqueues a generation and returns at once; the key makes a repeated call the same generation. */
  submit(request: GenerationRequest, idempotencyKey: string): Promise<GenerationBody> {
    const headers = { 'content-type': 'application/json', prefer: 'respond-async', 'idempotency-key': idempotencyKey };
    return this.#patiently(() =>
      this.#json('/v1/images/generations', { method: 'POST', headers, body: JSON.stringify(request) }),
    );
  }

  /** Asks for a generation's state. */
  generation(id: string): Promise<GenerationBody> {
    return this.#patiently(() => this.#json(`/v1/generations/${id}`, {}));
  }

  /** Cancels a generation, also after the signal to stop; a gateway that does not answer soon is left alone. */
  async cancel(id: string): Promise<void> {
    const headers = { authorization: `Bearer ${this.#apiKey}` };
    const url = new URL(`/v1/generations/${id}`, this.#baseUrl);
    await fetch(url, { method: 'DELETE', headers, signal: AbortSignal.timeout(CANCEL_PATIENCE_MS) }).catch(() => undefined);
  }

  /** Fetches an image by its signed address. */
  async image(url: string): Promise<Buffer> {
    const response = await this.#fetch(new URL(url, this.#baseUrl), {});
    return Buffer.from(await response.arrayBuffer());
  }

  async #json<T>(path: string, init: RequestInit): Promise<T> {
    const headers = { ...init.headers, authorization: `Bearer ${this.#apiKey}` };
    const response = await this.#fetch(new URL(path, this.#baseUrl), { ...init, headers });
    return (await response.json()) as T;
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(url, { ...init, signal: this.#signal });
    } catch (cause) {
      if (this.#signal.aborted) throw this.#signal.reason;
      throw new Unreachable(`The gateway at ${url.origin} does not answer.`, { cause });
    }
    if (response.ok) return response;
    const message = errorMessage(await response.text()) ?? `The gateway answered with status ${response.status}.`;
    throw response.status === 503 ? new Unreachable(message) : new LocalError(message);
  }

  async #patiently<T>(call: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof Unreachable) || Date.now() > deadline) throw error;
        await sleep(500);
      }
    }
  }
}
