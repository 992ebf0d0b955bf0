import { DarkroomError, type GetPolicyRequest, type GetPolicyResponse, type PolicyServiceService } from '@darkroom/contracts';
import type { Handlers } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { PolicyRepository } from './policy.repository.js';

/** What moderators ask of policies. */
@Injectable()
export class PolicyHandlers implements Handlers<typeof PolicyServiceService> {
  private readonly policies: PolicyRepository;

  constructor(policies: PolicyRepository) {
    this.policies = policies;
  }

  async getPolicy({ digest }: GetPolicyRequest): Promise<GetPolicyResponse> {
    const documentJson = await this.policies.json(digest);
    if (documentJson !== undefined) return { documentJson };
    throw new DarkroomError({ code: 'not_found', message: 'there is no such policy', param: 'digest' });
  }
}
