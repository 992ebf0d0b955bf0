import { DarkroomError } from '@darkroom/contracts';
import { newPasswordBody, type SessionBody, signInBody } from '@darkroom/contracts/admin';
import { parseStrictly } from '@darkroom/contracts/http';
import { Body, Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authentication } from './authentication.js';
import { OpenId } from './openid/openid-provider.js';
import { type Operator, rolePermissions } from './operator.js';
import { OperatorRepository } from './operator.repository.js';
import { OperatorActions } from './operator-actions.js';
import { Origin } from './origin.js';
import { hashPassword } from './password.js';
import { Passwords } from './passwords.js';
import { Audited, CurrentOperator, Needs } from './route-rules.js';
import { clearSessionCookie, cookieOf, setSessionCookie } from './session-cookie.js';
import { Sessions } from './sessions.js';

/** Who is at the dashboard: signing in and out. */
@Controller('admin/v1/session')
export class SessionController {
  constructor(
    private readonly authentication: Authentication,
    private readonly passwords: Passwords,
    private readonly operators: OperatorRepository,
    private readonly sessions: Sessions,
    private readonly origin: Origin,
    private readonly actions: OperatorActions,
    private readonly openId: OpenId,
  ) {}

  /** Tells who has signed in, and how one can. */
  @Get()
  @Needs('nothing')
  async show(@Req() request: FastifyRequest): Promise<SessionBody> {
    try {
      return this.view(await this.authentication.operatorOf(request));
    } catch (error) {
      if (error instanceof DarkroomError && error.code === 'unauthenticated') return this.view(undefined);
      throw error;
    }
  }

  @Post()
  @Needs('nothing')
  @HttpCode(200)
  async signIn(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionBody> {
    const { name, password } = parseStrictly(signInBody, body ?? {});
    const found = await this.passwords.verify(name, password, request.ip).catch(async (error: unknown) => {
      await this.noteRefusal(error, request.ip);
      throw error;
    });
    const operator: Operator = { name: found.name, role: found.role, via: 'password' };
    const action = { action: 'session.begin', subject: found.id, facts: { address: request.ip } };
    const secret = await this.actions.run(operator, action, () => this.sessions.begin({ ...operator, operatorId: found.id }));
    await this.operators.signedIn(found.id);
    setSessionCookie(reply, secret, this.origin.isSecure(request));
    return this.view(operator);
  }

  @Delete()
  @Needs('read')
  @Audited('session.end')
  @HttpCode(204)
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const secret = cookieOf(request);
    if (secret !== undefined) await this.sessions.end(secret);
    clearSessionCookie(reply, this.origin.isSecure(request));
  }

  /** Changes one's own password, which ends all of one's sessions but a new one. */
  @Post('password')
  @Needs('read')
  @Audited('operator.password')
  @HttpCode(204)
  async changePassword(
    @Body() body: unknown,
    @CurrentOperator() { name, role, via }: Operator,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { current_password: current, new_password: wanted } = parseStrictly(newPasswordBody, body ?? {});
    if (via !== 'password') {
      throw new DarkroomError({ code: 'conflict', message: 'you have no password here: you did not sign in with one' });
    }
    const { id } = await this.passwords.verify(name, current, request.ip).catch((error: unknown) => {
      throw error instanceof DarkroomError && error.code === 'unauthenticated' ? wrongPassword() : error;
    });
    await this.operators.change(id, { passwordHash: await hashPassword(wanted) });
    setSessionCookie(reply, await this.sessions.begin({ name, role, via, operatorId: id }), this.origin.isSecure(request));
  }

  private view(operator: Operator | undefined): SessionBody {
    const { provider } = this.openId;
    const signIn = {
      ways: ['password', ...(provider === undefined ? [] : ['oidc' as const])],
      provider: provider?.name ?? null,
    } as const;
    if (operator === undefined) return { operator: null, permissions: [], ...signIn };
    const { name, role, via } = operator;
    return { operator: { name, role, via }, permissions: rolePermissions[role], ...signIn };
  }

  /** Of whom it was is not entered: it may be a password that was typed into the wrong field. */
  private async noteRefusal(error: unknown, address: string): Promise<void> {
    const { code } = DarkroomError.from(error);
    if (code !== 'unauthenticated') return;
    const nobody = { name: '', role: 'none', via: 'password' } as const;
    await this.actions.enter(nobody, { action: 'session.begin', subject: '', facts: { address } }, 'refused');
  }
}

function wrongPassword(): DarkroomError {
  const param = 'current_password';
  return new DarkroomError({ code: 'invalid_argument', message: `\`${param}\` is not your password`, param });
}
