import { DarkroomError } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import { OperatorRepository, type OperatorRow } from './operator.repository.js';
import { decoyHash, isPassword } from './password.js';
import { SignInThrottle } from './sign-in-throttle.js';

/** Knows operators by their passwords. */
@Injectable()
export class Passwords {
  private readonly operators: OperatorRepository;
  private readonly throttle: SignInThrottle;
  /** Compared with where there is no such operator, so that it takes as long. */
  private readonly decoy = decoyHash();

  constructor(operators: OperatorRepository, throttle: SignInThrottle) {
    this.operators = operators;
    this.throttle = throttle;
  }

  /**
   * Returns the operator of a name and a password; what is wrong takes the same time and has the same error, whichever it is.
   *
   * @param address from where it was sent.
   * @throws {DarkroomError} Thrown with `unauthenticated` when there is no such operator, or no more; with `rate_limited` after too many
   *   failures.
   */
  async verify(name: string, password: string, address: string): Promise<OperatorRow> {
    const succeed = this.throttle.attempt(name, address);
    const operator = await this.operators.find(name);
    const isRight = await isPassword(password, operator?.passwordHash ?? this.decoy);
    if (operator === undefined || operator.disabledAt !== null || !isRight) {
      throw new DarkroomError({ code: 'unauthenticated', message: 'the name or the password is wrong' });
    }
    succeed();
    return operator;
  }
}
