import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** So long somebody may take to sign in at the provider. */
export const FLOW_SECONDS = 600;

const flow = z.object({
  state: z.string(),
  nonce: z.string(),
  /** PKCE's code verifier (RFC 7636). */
  verifier: z.string(),
  /** Where in the dashboard one wanted to. */
  returnTo: z.string(),
  expiresAtMs: z.number(),
});

/** A sign-in that is under way, as the browser keeps it meanwhile. */
export type Flow = z.infer<typeof flow>;

/** Signs what the browser keeps of a sign-in, so that nobody else can have put it there; every control plane has the same key. */
export class FlowSeal {
  private readonly key: Buffer;

  constructor(clientSecret: string) {
    this.key = Buffer.from(hkdfSync('sha256', clientSecret, '', 'darkroom sign-in flow', 32));
  }

  /** Writes a flow as a cookie's value. */
  seal(content: Flow): string {
    const body = Buffer.from(JSON.stringify(content)).toString('base64url');
    return `${body}.${this.tag(body).toString('base64url')}`;
  }

  /** Reads a cookie's value; undefined when it is not ours, or too old. */
  open(value: string, nowMs = Date.now()): Flow | undefined {
    const [body = '', tag = ''] = value.split('.');
    const found = Buffer.from(tag, 'base64url');
    const wanted = this.tag(body);
    if (found.length !== wanted.length || !timingSafeEqual(found, wanted)) return undefined;
    const content = flow.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
    return content.expiresAtMs > nowMs ? content : undefined;
  }

  private tag(body: string): Buffer {
    return createHmac('sha256', this.key).update(body).digest();
  }
}
