import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { operatorOf } from './operator.js';
import { OperatorActions } from './operator-actions.js';
import { actionOf } from './request-action.js';
import { auditRuleOf } from './route-rules.js';

/** Enters the use of routes that are `@Audited` into the audit log, with how it came out. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  private readonly actions: OperatorActions;

  constructor(actions: OperatorActions) {
    this.actions = actions;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const rule = auditRuleOf(context.getHandler());
    if (rule === undefined) return next.handle();
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const work = () => lastValueFrom(next.handle(), { defaultValue: undefined });
    return from(this.actions.run(operatorOf(request), actionOf(request, rule), work, rule.answer));
  }
}
