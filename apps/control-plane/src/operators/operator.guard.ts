import { DarkroomError } from '@darkroom/contracts';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AdminToken } from './admin-token.js';
import { rolePermissions, setOperator } from './operator.js';
import { OperatorActions } from './operator-actions.js';
import { actionOf } from './request-action.js';
import { auditRuleOf, needOf } from './route-rules.js';

/** Lets a request through whose operator has the permission that the route needs, and enters into the audit log what it refused to change. */
@Injectable()
export class OperatorGuard implements CanActivate {
  private readonly token: AdminToken;
  private readonly actions: OperatorActions;

  constructor(token: AdminToken, actions: OperatorActions) {
    this.token = token;
    this.actions = actions;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const handler = context.getHandler();
    const need = needOf(handler);
    if (need === 'nothing') return true;
    const operator = this.token.operatorOf(request);
    setOperator(request, operator);
    if (need !== undefined && rolePermissions[operator.role].includes(need)) return true;
    const rule = auditRuleOf(handler);
    if (rule !== undefined) await this.actions.enter(operator, actionOf(request, rule), 'refused');
    const message = `the role \`${operator.role}\` has no permission to do this; it needs \`${need}\``;
    throw new DarkroomError({ code: 'permission_denied', message });
  }
}
