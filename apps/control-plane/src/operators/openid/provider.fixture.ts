import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/** What the provider tells of somebody. */
export type Person = Readonly<Record<string, unknown>>;

/** A real OpenID provider on this machine, with the people it knows by their subjects. */
export class RunningProvider {
  readonly issuer: string;
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(client: { id: string; secret: string; redirectUri: string }, people: ReadonlyMap<string, Person>) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const running = new RunningProvider(server);
    const provider = new Provider(running.issuer, {
      clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [client.redirectUri] }],
      claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email', 'email_verified'] },
      cookies: { keys: ['spec'] },
      pkce: { required: () => true },
      findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...people.get(id) }) }),
    });
    server.on('request', provider.callback());
    return running;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** Does at the provider what somebody in a browser does, and returns where it sends the browser back to. */
  async signIn(begin: string, subject: string, then: 'consent' | 'abort' = 'consent'): Promise<string> {
    const cookies = new Map<string, string>();
    let [url, form]: [string, URLSearchParams | undefined] = [begin, undefined];
    for (let step = 0; step < 20; step += 1) {
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(form !== undefined && { method: 'POST', body: form }),
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        cookies.set(name, value);
      }
      const page = await response.text();
      const location = response.headers.get('location');
      if (location !== null && !new URL(location, url).href.startsWith(this.issuer)) return location;
      if (location !== null) [url, form] = [new URL(location, url).href, undefined];
      else if (page.includes('value="login"')) form = new URLSearchParams({ prompt: 'login', login: subject, password: 'x' });
      else if (then === 'abort') [url, form] = [`${url}/abort`, undefined];
      else form = new URLSearchParams({ prompt: 'consent' });
    }
    throw new Error('the provider never sent the browser back');
  }
}
