import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';

/** One request as it goes over the wire. */
export interface FuzzedRequest {
  readonly method: string;
  /** Path and query, exactly as they are written. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer | undefined;
}

/** What came back. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** An answer that takes longer than this, on a machine that does little else, is one that never comes. */
const LIMIT_MS = 20_000;

/** Sends a request by plain HTTP, which leaves paths and headers as they are; every request has a connection of its own. */
export function send(origin: string, { method, target, headers, body }: FuzzedRequest): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest({ hostname, port, method, path: target, headers: { ...length, ...headers }, agent: false });
    request.setTimeout(LIMIT_MS, () => request.destroy(new Error(`no answer to ${method} ${target}`)));
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      );
    });
    request.end(body);
  });
}
