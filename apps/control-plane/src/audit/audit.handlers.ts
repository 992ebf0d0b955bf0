import type { AuditServiceService, VerifyLogRequest, VerifyLogResponse } from '@darkroom/contracts';
import type { Handlers } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { LogVerifier } from './log-verifier.js';

/** What the other services may ask of the audit log. */
@Injectable()
export class AuditHandlers implements Handlers<typeof AuditServiceService> {
  private readonly verifier: LogVerifier;

  constructor(verifier: LogVerifier) {
    this.verifier = verifier;
  }

  async verifyLog({ sequence, hash }: VerifyLogRequest): Promise<VerifyLogResponse> {
    const { problems, ...verification } = await this.verifier.verify(hash === '' ? undefined : { sequence, hash });
    return { ...verification, problems: [...problems] };
  }
}
