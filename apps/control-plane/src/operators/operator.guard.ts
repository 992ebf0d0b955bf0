import { DarkroomError } from '@darkroom/contracts';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Authentication } from './authentication.js';
import { rolePermissions, setOperator } from './operator.js';
import { OperatorActions } from './operator-actions.js';
import { Origin } from './origin.js';
import { actionOf } from './request-action.js';
import { auditRuleOf, isReading, needOf } from './route-rules.js';

/** Lets a request through whose operator has the permission that the route needs, and enters into the audit log what it refused to change. */
@Injectable()
export class OperatorGuard implements CanActivate {
  private readonly authentication: Authentication;
  private readonly origin: Origin;
  private readonly actions: OperatorActions;

  constructor(authentication: Authentication, origin: Origin, actions: OperatorActions) {
    this.authentication = authentication;
    this.origin = origin;
    this.actions = actions;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const handler = context.getHandler();
    const need = needOf(handler);
    const operator = need === 'nothing' ? undefined : await this.authentication.operatorOf(request);
    if (request.headers.authorization === undefined && !isReading(request.method)) this.origin.assertOwn(request);
    if (need === 'nothing' || operator === undefined) return true;
    setOperator(request, operator);
    if (need !== undefined && rolePermissions[operator.role].includes(need)) return true;
    const rule = auditRuleOf(handler);
    if (rule !== undefined) await this.actions.enter(operator, actionOf(request, rule), 'refused');
    const message = `the role \`${operator.role}\` has no permission to do this; it needs \`${need}\``;
    throw new DarkroomError({ code: 'permission_denied', message });
  }
}
