import type { RunningService } from '@darkroom/service-kit';

/** Somebody with a browser: keeps the cookies, and sends what the dashboard sends. */
export class Visitor {
  readonly origin: string;
  readonly cookies = new Map<string, string>();

  constructor({ httpPort }: RunningService) {
    this.origin = `http://127.0.0.1:${httpPort}`;
  }

  /** Sends a request to the admin API; headers that are given go instead of the dashboard's. */
  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const response = await fetch(`${this.origin}/admin/v1/${path}`, {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        origin: this.origin,
        'x-darkroom-request': 'dashboard',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** The same, for answers in JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: the specs look into many shapes of body.
  async ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> {
    const response = await this.send(method, path, body);
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }
}
