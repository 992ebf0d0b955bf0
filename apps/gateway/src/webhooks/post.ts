import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';

/** So much of an answer is kept. */
const KEPT_BYTES = 1024;

/** What is posted, and how. */
export interface Posting {
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
  /** Resolves the host, unless the URL has an address in its place. */
  readonly lookup: LookupFunction;
  readonly signal: AbortSignal;
}

/** What was answered. */
export interface PostAnswer {
  readonly status: number;
  /** Its first 1,024 bytes, as UTF-8. */
  readonly body: string;
}

/**
 * Posts a body over a connection of its own, following no redirect.
 *
 * @throws {Error} Thrown when no status came: whatever resolving, connecting or TLS failed of, or the signal's reason.
 */
export function post({ url, headers, body, lookup, signal }: Posting): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const outgoing = request(url, { method: 'POST', headers, lookup, signal, agent: false }, (incoming) => {
      // The status is the answer; whatever cuts the rest off changes nothing.
      outgoing.off('error', reject).on('error', () => undefined);
      void readStart(incoming).then((start) => resolve({ status: incoming.statusCode ?? 0, body: start }));
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

async function readStart(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= KEPT_BYTES) break;
    }
  } catch {
    // What came until then is kept.
  }
  // As a stream, so that a character that is cut in two is left out.
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, KEPT_BYTES), { stream: true });
}
