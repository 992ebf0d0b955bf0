import { DarkroomError, type GenerationRetry } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import { type Caller, readCaller } from '../auth/caller.js';
import { Config } from '../config.js';
import { TenantModels } from '../models/tenant-models.js';
import { type GenerationState, hasEnded } from '../queue/generation-state.js';
import { GenerationService } from './generation.service.js';
import { requestOf } from './request-of-job.js';
import { StoredInputs } from './stored-inputs.js';

/** Makes generations anew that did not succeed, when an operator wants it. */
@Injectable()
export class RetriedGenerations {
  constructor(
    private readonly config: Config,
    private readonly generations: GenerationService,
    private readonly models: TenantModels,
    private readonly inputs: StoredInputs,
  ) {}

  /**
   * Submits a generation of the same tenant, key and parameters, admitted and charged like any other, and returns its id.
   *
   * @throws {DarkroomError} Thrown with `conflict` when it is not one to make anew or what it was made of is gone, with
   *   `permission_denied` when the tenant may not use the model any more, and as {@link GenerationService.submit} throws it.
   */
  async submit({ generationId, idempotencyKey, caller: key }: GenerationRetry): Promise<string> {
    if (key === undefined) throw new DarkroomError({ code: 'internal', message: 'the retry says not whose it is' });
    const caller = readCaller(key, this.config, Date.now());
    const { job, status } = await this.find(generationId, caller);
    if (!hasEnded({ status }) || status === 'succeeded') {
      throw conflict(`only a generation that failed or was cancelled can be retried; this one is ${status}`);
    }
    await this.models.assertPermitted(job.model, caller);
    const found = (await this.models.entries(caller)).find(({ model }) => model.id === job.model);
    if (found === undefined) throw conflict('the model of this generation is not served any more');
    const { picture, ...prompts } = await this.inputs.get(job);
    const state = await this.generations.submit(requestOf(job, found.model, prompts), caller, {
      // Clients' keys come as they are; one of theirs would have to name the operator's to meet it.
      idempotencyKey: `retry of ${generationId}: ${idempotencyKey}`,
      signal: new AbortController().signal,
      picture,
    });
    return state.job.id;
  }

  private async find(id: string, caller: Caller): Promise<GenerationState> {
    try {
      return await this.generations.find(id, caller);
    } catch (error) {
      if (!(error instanceof DarkroomError) || error.code !== 'not_found') throw error;
      throw conflict('what this generation was asked for with is not kept any more: it is for 24 hours after its end');
    }
  }
}

function conflict(message: string): DarkroomError {
  return new DarkroomError({ code: 'conflict', message, param: 'id' });
}
