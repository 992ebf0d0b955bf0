import { DarkroomError } from '@darkroom/contracts';
import { z } from 'zod';

/** Where a classifier is that runs elsewhere. */
export interface RemoteServiceOptions {
  /** How it is called in errors and logs. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Longest wait for an answer. */
  readonly timeoutMs: number;
}

/** A classifier that runs elsewhere, asked over HTTP; whatever is not a whole answer in time is an error, and never "nothing found". */
export class RemoteService {
  private readonly options: RemoteServiceOptions;

  constructor(options: RemoteServiceOptions) {
    this.options = options;
  }

  /**
   * Posts a question and returns the answer.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when there is none, or none of the shape that was asked for. What was asked is not in it.
   */
  async ask<Schema extends z.ZodType>(url: URL, question: object, answer: Schema): Promise<z.output<Schema>> {
    const { name, headers, timeoutMs } = this.options;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(question),
        signal: AbortSignal.timeout(timeoutMs),
        // A key is for this address alone.
        redirect: 'error',
      });
      if (!response.ok) throw new Error(`it answered ${response.status}`);
      return answer.parse(await response.json());
    } catch (cause) {
      throw new DarkroomError({
        code: 'unavailable',
        message: `the classifier ${name} gives no answer at the moment`,
        retryAfterSeconds: 2,
        cause,
      });
    }
  }
}
