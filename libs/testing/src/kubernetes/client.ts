import { Agent, request } from 'node:https';

/** How an API server is reached, and as whom. */
export interface KubernetesAccess {
  readonly address: string;
  /** In PEM. */
  readonly authority: string;
  readonly token: string;
}

/** What an API server answered. */
export interface KubernetesAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what it is depends on what was asked; specs look at what they expect.
  readonly body: any;
}

/** Asks an API server for single things, so that specs prepare and check a cluster by other code than the code that they test. */
export class KubernetesClient {
  readonly access: KubernetesAccess;
  private readonly agent: Agent;

  constructor(access: KubernetesAccess) {
    this.access = access;
    this.agent = new Agent({ keepAlive: true, ca: access.authority });
  }

  /** Sends a request, and reads its answer, whatever its status. */
  request(method: string, path: string, body?: object, contentType = 'application/json'): Promise<KubernetesAnswer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${this.access.token}`,
      // Of itself, Node tells no length of what goes with a DELETE.
      ...(text !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(`${this.access.address}${path}`, { method, headers, agent: this.agent }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', reject);
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(parts).toString()) });
        });
      });
      sent.once('error', reject);
      sent.end(text);
    });
  }

  /** Sends a request. @throws {Error} Thrown with the server's own words when it refuses. */
  // biome-ignore lint/suspicious/noExplicitAny: see above.
  async must(method: string, path: string, body?: object, contentType?: string): Promise<any> {
    const answer = await this.request(method, path, body, contentType);
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path}: ${answer.status} ${answer.body?.message ?? answer.body}`);
  }

  /** Ends its connections. */
  close(): void {
    this.agent.destroy();
  }
}

/** What is no JSON (a refusal of Go's own server, the lines of a watch) stays text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
