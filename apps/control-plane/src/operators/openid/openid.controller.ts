import { DarkroomError } from '@darkroom/contracts';
import { Log } from '@darkroom/service-kit';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Operator } from '../operator.js';
import { OperatorActions } from '../operator-actions.js';
import { Origin } from '../origin.js';
import { Needs } from '../route-rules.js';
import { cookieOf, setCookie, setSessionCookie } from '../session-cookie.js';
import { Sessions } from '../sessions.js';
import { FLOW_SECONDS } from './flow.js';
import { type Identity, OpenId, type OpenIdProvider } from './openid-provider.js';
import { OPENID_PATH } from './settings.js';

const COOKIE = 'darkroom_sign_in';

/** Why nobody was signed in, as the dashboard is told; it says it in a sentence. */
type Refusal = 'cancelled' | 'expired' | 'no-role' | 'unreachable' | 'failed';

/** Signing in at an OpenID provider. */
@Controller('admin/v1/session/oidc')
export class OpenIdController {
  constructor(
    private readonly openId: OpenId,
    private readonly sessions: Sessions,
    private readonly actions: OperatorActions,
    private readonly origin: Origin,
    private readonly log: Log,
  ) {}

  /** Sends the browser to the provider. */
  @Get()
  @Needs('nothing')
  async begin(@Query('return_to') returnTo: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const provider = this.provider();
    try {
      const { url, cookie } = await provider.begin(placeOf(returnTo));
      this.keep(request, reply, cookie, FLOW_SECONDS);
      await reply.redirect(url, 302);
    } catch (error) {
      this.log.warn('the OpenID provider can not be reached', { error });
      await refuse(reply, 'unreachable');
    }
  }

  /** Where the provider sends the browser back to. */
  @Get('callback')
  @Needs('nothing')
  async end(@Query('error') refused: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const provider = this.provider();
    const flow = provider.flowOf(cookieOf(request, COOKIE));
    this.keep(request, reply, '', 0);
    if (flow === undefined) return await refuse(reply, 'expired');
    if (refused === 'access_denied') return await refuse(reply, 'cancelled');
    const identity = await provider.finish(request.url.slice(request.url.indexOf('?')), flow).catch((error: unknown) => {
      this.log.warn('a sign-in at the OpenID provider failed', { error });
    });
    if (identity === undefined) return await refuse(reply, 'failed');
    if (!(await this.admit(identity, provider, request, reply))) return await refuse(reply, 'no-role');
    await reply.redirect(flow.returnTo, 302);
  }

  private async admit(
    { subject, name, role }: Identity,
    { name: issuer }: OpenIdProvider,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<boolean> {
    const action = { action: 'session.begin', subject, facts: { issuer, address: request.ip } };
    if (role === undefined) {
      await this.actions.enter({ name, role: 'none', via: 'oidc' }, action, 'refused');
      return false;
    }
    const operator: Operator = { name, role, via: 'oidc' };
    const secret = await this.actions.run(operator, action, () => this.sessions.begin({ ...operator, operatorId: null }));
    setSessionCookie(reply, secret, this.origin.isSecure(request));
    return true;
  }

  private keep(request: FastifyRequest, reply: FastifyReply, value: string, maxAge: number): void {
    setCookie(reply, { name: COOKIE, value, path: OPENID_PATH, maxAge }, this.origin.isSecure(request));
  }

  private provider(): OpenIdProvider {
    if (this.openId.provider !== undefined) return this.openId.provider;
    throw new DarkroomError({ code: 'not_found', message: 'there is no OpenID provider to sign in at: OIDC_ISSUER is not set' });
  }
}

async function refuse(reply: FastifyReply, why: Refusal): Promise<void> {
  await reply.redirect(`/?sign_in=${why}`, 302);
}

/** Only places in the dashboard are returned to: an address of another site would make this one its accomplice. */
function placeOf(returnTo: unknown): string {
  const here = 'http://dashboard.invalid';
  if (typeof returnTo !== 'string' || !URL.canParse(returnTo, here)) return '/';
  const { origin, pathname, search, hash } = new URL(returnTo, here);
  return origin === here && !pathname.startsWith('//') ? pathname + search + hash : '/';
}
