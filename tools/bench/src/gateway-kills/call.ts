/** How far a client got with one call. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as far as it came. */
  readonly text: string;
  /** Whether all of it came. */
  readonly isWhole: boolean;
}

/** What a client sends. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: object;
  readonly signal: AbortSignal;
}

/** Thrown when a call was not answered. */
export class Unanswered extends Error {
  /** Whether the call can have reached a gateway. */
  readonly mayHaveArrived: boolean;

  constructor(cause: unknown) {
    super('the call was not answered', { cause });
    this.name = 'Unanswered';
    const reason = cause instanceof Error ? (cause.cause as NodeJS.ErrnoException | undefined) : undefined;
    this.mayHaveArrived = reason?.code !== 'ECONNREFUSED';
  }
}

/**
 * Calls once, and reads as much of the answer as comes.
 * @throws Unanswered when not even its headers come.
 */
export async function callOnce({ method, url, headers, body, signal }: Call): Promise<Answer> {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(url, { method, headers: Object.fromEntries(given), signal, ...content }).catch(
    (cause: unknown) => {
      throw new Unanswered(cause);
    },
  );
  let text = '';
  try {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
    return { status: response.status, headers: response.headers, text, isWhole: true };
  } catch {
    return { status: response.status, headers: response.headers, text, isWhole: false };
  }
}

/** One server-sent event. */
export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** Reads the events of a stream (HTML Living Standard, section 9.2) that came whole. */
export function readEvents(text: string): ServerSentEvent[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      return { id: field('id'), event: field('event') ?? '', data: field('data') ?? '' };
    })
    .filter(({ event }) => event !== '');
}
