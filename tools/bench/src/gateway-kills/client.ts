import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationBody, ImagesResponseBody } from '@darkroom/contracts/http';
import { type Answer, type Call, callOnce, readEvents, Unanswered } from './call.js';
import type { PlannedRequest } from './plan.js';
import type { Testimony } from './testimony.js';

const PAUSE_MS = 200;
/** So long a client goes on trying before it says that something is wrong. */
const PATIENCE_MS = 300_000;

/** What `image_generation.completed` tells. */
type CompletedImage = Pick<ImagesResponseBody, 'id'> & { readonly b64_json: string };

/** A client that tries again when its gateway dies, as real ones do, and keeps in mind what it was told. */
export class Client {
  private readonly gatewayUrl: string;
  private readonly authorization: string;
  private readonly testimony: Testimony;
  private readonly signal: AbortSignal;
  private readonly succeeded: string[] = [];

  constructor(gatewayUrl: string, secret: string, testimony: Testimony, signal: AbortSignal) {
    this.gatewayUrl = gatewayUrl;
    this.authorization = `Bearer ${secret}`;
    this.testimony = testimony;
    this.signal = signal;
  }

  /** Sends a request, and stays until what became of it is known. */
  async run(planned: PlannedRequest): Promise<void> {
    switch (planned.kind) {
      case 'refused':
        return await this.refused(planned);
      case 'hang-up':
        return await this.hangUp(planned);
      case 'sync':
        return await this.images(planned, {}, ({ text }) => this.readImages(JSON.parse(text) as ImagesResponseBody));
      case 'stream':
        return await this.images(planned, { stream: true }, (answer) => this.readStream(answer));
      default:
        return await this.generation(planned);
    }
  }

  private async refused(planned: PlannedRequest): Promise<void> {
    const { status, text } = await this.generate(planned, '/v1/images/generations', {});
    if (status !== 400 || !text.includes('content_policy_violation')) this.unexpected(planned, status, text);
  }

  private async hangUp({ parameters, endAfterMs = 0 }: PlannedRequest): Promise<void> {
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(endAfterMs)]);
    const answer = await callOnce(this.call('POST', '/v1/images/generations', { body: parameters, signal })).catch(
      () => undefined,
    );
    // Where it was refused a connection it has asked for nothing, which is as good.
    if (answer === undefined) this.testimony.unanswered += 1;
    const id = answer && this.idOf(answer);
    if (id !== undefined) {
      this.testimony.tell(id, parameters, undefined);
      await this.settle(id);
    }
  }

  /** Asks for images and reads them, if the gateway lives that long. */
  private async images(planned: PlannedRequest, differing: object, read: (answer: Answer) => void): Promise<void> {
    const answer = await this.generate(planned, '/v1/images/generations', differing);
    const id = this.idOf(answer);
    if (id === undefined) return this.unexpected(planned, answer.status, answer.text);
    if (answer.status === 200 && answer.isWhole) read(answer);
    await this.settle(id);
  }

  /** Has a generation begun, and cancels or follows it if that was planned. */
  private async generation(planned: PlannedRequest): Promise<void> {
    const original = planned.kind === 'replay' ? this.succeeded.at(-1) : undefined;
    const route = original === undefined ? '/v1/generations' : `/v1/generations/${original}/replay`;
    const prefer = planned.kind === 'async' ? 'respond-async' : undefined;
    const answer = await this.generate(
      planned,
      prefer === undefined ? route : '/v1/images/generations',
      {},
      { original, prefer },
    );
    const id = this.idOf(answer);
    if (id === undefined) return this.unexpected(planned, answer.status, answer.text);
    if (planned.endAfterMs !== undefined) {
      await sleep(planned.endAfterMs);
      await this.patiently('DELETE', `/v1/generations/${id}`);
    }
    if (planned.kind === 'events') await this.follow(id);
    const generation = await this.settle(id);
    if (original !== undefined && generation?.status === 'succeeded' && generation.matches !== true)
      this.testimony.accuse('images not as told', id, `it is not the same as ${original}`);
  }

  /** Posts a request until it is answered, under the same key if it has one. */
  private async generate(
    { key, parameters }: PlannedRequest,
    route: string,
    differing: object,
    { original, prefer }: { original?: string | undefined; prefer?: string | undefined } = {},
  ): Promise<Answer> {
    const body = original === undefined ? { ...parameters, ...differing } : {};
    const headers = { 'idempotency-key': key, prefer };
    for (const end = Date.now() + PATIENCE_MS; ; ) {
      try {
        const answer = await callOnce(this.call('POST', route, { body, headers }));
        const id = this.idOf(answer);
        if (id !== undefined) this.testimony.tell(id, original === undefined ? parameters : undefined, key);
        // A key brings back the whole answer; without one the generation can still be looked at.
        const isDone = answer.isWhole ? answer.status !== 503 || id !== undefined : id !== undefined && key === undefined;
        if (isDone || Date.now() > end) return answer;
        if (key !== undefined) this.testimony.repeated += 1;
        else if (!answer.isWhole) this.testimony.unanswered += 1;
      } catch (error) {
        if (!(error instanceof Unanswered) || Date.now() > end) throw error;
        if (key !== undefined) this.testimony.repeated += 1;
        else if (error.mayHaveArrived) this.testimony.unanswered += 1;
      }
      await sleep(PAUSE_MS, undefined, { signal: this.signal });
    }
  }

  /** Follows a generation's events to its end, from where the last connection was lost. */
  private async follow(id: string): Promise<void> {
    let place: string | undefined;
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
      const headers = { 'last-event-id': place };
      const answer = await callOnce(this.call('GET', `/v1/generations/${id}/events`, { headers })).catch(() => undefined);
      if (answer?.status === 404) return;
      const events = answer?.status === 200 ? readEvents(answer.text) : [];
      place = events.findLast((event) => event.id !== undefined)?.id ?? place;
      if (answer?.status === 204) return;
      const last = events.at(-1);
      if (last !== undefined && ['succeeded', 'failed', 'cancelled'].includes(last.event)) {
        this.testimony.tellState(JSON.parse(last.data) as GenerationBody);
        return;
      }
      this.testimony.resumed += 1;
      await sleep(PAUSE_MS, undefined, { signal: this.signal });
    }
    this.testimony.accuse('in no final state, or in more than one', id, 'its events have no end');
  }

  /** Looks at a generation until it has ended. */
  private async settle(id: string): Promise<GenerationBody | undefined> {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
      const { status, text } = await this.patiently('GET', `/v1/generations/${id}`);
      if (status !== 200) {
        this.testimony.accuse('told of, but not to be read or listed', id, `GET answered ${status}: ${text.slice(0, 200)}`);
        return undefined;
      }
      const generation = JSON.parse(text) as GenerationBody;
      this.testimony.tellState(generation);
      if (generation.status === 'succeeded') this.succeeded.push(id);
      if (['succeeded', 'failed', 'cancelled'].includes(generation.status)) return generation;
      await sleep(PAUSE_MS, undefined, { signal: this.signal });
    }
    this.testimony.accuse('in no final state, or in more than one', id, `it has not ended ${PATIENCE_MS / 1000} s later`);
    return undefined;
  }

  /** Calls until it is answered by more than that nobody can answer. */
  private async patiently(method: 'GET' | 'DELETE', route: string): Promise<Answer> {
    for (const end = Date.now() + PATIENCE_MS; ; ) {
      const answer = await callOnce(this.call(method, route)).catch(() => undefined);
      if (answer?.isWhole && answer.status !== 503) return answer;
      if (Date.now() > end) throw new Error(`${method} ${route} is not answered`);
      await sleep(PAUSE_MS, undefined, { signal: this.signal });
    }
  }

  private readImages({ id, data }: ImagesResponseBody): void {
    this.testimony.generations.get(id)?.ends.add('succeeded');
    for (const [index, { b64_json = '' }] of data.entries()) this.testimony.tellImage(id, index, Buffer.from(b64_json, 'base64'));
  }

  private readStream({ text }: Answer): void {
    const completed = readEvents(text).filter(({ event }) => event === 'image_generation.completed');
    for (const [index, { data }] of completed.entries()) {
      const { id, b64_json } = JSON.parse(data) as CompletedImage;
      this.testimony.generations.get(id)?.ends.add('succeeded');
      this.testimony.tellImage(id, index, Buffer.from(b64_json, 'base64'));
    }
  }

  private idOf({ headers }: Answer): string | undefined {
    const id = headers.get('x-request-id') ?? undefined;
    return id?.startsWith('gen_') ? id : undefined;
  }

  private unexpected({ kind, key }: PlannedRequest, status: number, text: string): void {
    const subject = `${kind}${key === undefined ? '' : ` under ${key}`}`;
    this.testimony.accuse('answers that should not have been given', subject, `${status}: ${text.slice(0, 200)}`);
  }

  private call(
    method: Call['method'],
    route: string,
    { body, headers = {}, signal = this.signal }: Partial<Pick<Call, 'body' | 'headers' | 'signal'>> = {},
  ): Call {
    const type = body === undefined ? undefined : 'application/json';
    const all = { authorization: this.authorization, 'content-type': type, ...headers };
    return { method, url: `${this.gatewayUrl}${route}`, headers: all, signal, ...(body && { body }) };
  }
}
