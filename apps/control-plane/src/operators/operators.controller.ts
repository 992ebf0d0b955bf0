import { DarkroomError } from '@darkroom/contracts';
import {
  type ListBody,
  newOperatorBody,
  type OperatorBody,
  type OperatorWithPasswordBody,
  operatorChangeBody,
} from '@darkroom/contracts/admin';
import { parseStrictly } from '@darkroom/contracts/http';
import { Body, Controller, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { OperatorRepository, type OperatorRow } from './operator.repository.js';
import { hashPassword, newPassword } from './password.js';
import { Audited, Needs } from './route-rules.js';

/** Who may sign in with a password, and what they may do. */
@Controller('admin/v1/operators')
export class OperatorsController {
  private readonly operators: OperatorRepository;

  constructor(operators: OperatorRepository) {
    this.operators = operators;
  }

  @Get()
  @Needs('administer')
  async list(): Promise<ListBody<OperatorBody>> {
    return { object: 'list', data: (await this.operators.list()).map(view), has_more: false };
  }

  /** Makes an operator; its password is told in the answer, and kept nowhere. */
  @Post()
  @Needs('administer')
  @Audited('operator.create', { facts: ['name', 'role'] })
  async create(@Body() body: unknown): Promise<OperatorWithPasswordBody> {
    const { name, role } = parseStrictly(newOperatorBody, body ?? {});
    const password = newPassword();
    const operator = await this.operators.create(name, role, await hashPassword(password));
    if (operator !== undefined) return { ...view(operator), password };
    throw new DarkroomError({ code: 'conflict', message: 'an operator of that name exists', param: 'name' });
  }

  /** Changes an operator's role, or whether it may sign in at all; its sessions end. */
  @Patch(':id')
  @Needs('administer')
  @Audited('operator.change', { facts: ['role', 'disabled'] })
  async change(@Param('id') id: string, @Body() body: unknown): Promise<OperatorBody> {
    const { role, disabled } = parseStrictly(operatorChangeBody, body ?? {});
    if (role === undefined && disabled === undefined) {
      throw new DarkroomError({
        code: 'invalid_argument',
        message: 'nothing is to change: send `role` or `disabled`',
        param: 'body',
      });
    }
    const change = {
      ...(role !== undefined && { role }),
      ...(disabled !== undefined && { disabledAt: disabled ? new Date() : null }),
    };
    return view(found(await this.operators.change(id, change)));
  }

  /** Gives an operator a new password, which is told in the answer; its sessions end. */
  @Post(':id/password')
  @Needs('administer')
  @Audited('operator.reset')
  @HttpCode(200)
  async reset(@Param('id') id: string): Promise<OperatorWithPasswordBody> {
    const password = newPassword();
    const operator = found(await this.operators.change(id, { passwordHash: await hashPassword(password) }));
    return { ...view(operator), password };
  }
}

function found(operator: OperatorRow | undefined): OperatorRow {
  if (operator !== undefined) return operator;
  throw new DarkroomError({ code: 'not_found', message: 'there is no such operator', param: 'id' });
}

function view({ id, name, role, createdAt, lastSignInAt, disabledAt }: OperatorRow): OperatorBody {
  return {
    id,
    name,
    role,
    created_at: createdAt.toISOString(),
    last_sign_in_at: lastSignInAt?.toISOString() ?? null,
    disabled_at: disabledAt?.toISOString() ?? null,
  };
}
