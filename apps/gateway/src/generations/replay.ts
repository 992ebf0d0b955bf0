import { DarkroomError } from '@darkroom/contracts';
import type { ServedModel } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { TenantModels } from '../models/tenant-models.js';
import type { GenerationState } from '../queue/generation-state.js';
import { GenerationService, type SubmitOptions } from './generation.service.js';
import { receiptOf } from './generation.views.js';
import { requestOf } from './request-of-job.js';
import { StoredInputs } from './stored-inputs.js';

/** Makes generations again, from what is kept of them. */
@Injectable()
export class GenerationReplay {
  private readonly generations: GenerationService;
  private readonly models: TenantModels;
  private readonly inputs: StoredInputs;

  constructor(generations: GenerationService, models: TenantModels, inputs: StoredInputs) {
    this.generations = generations;
    this.models = models;
    this.inputs = inputs;
  }

  /**
   * Submits a generation that has to become the same as an earlier one, admitted and charged like any other, and returns it as it stands.
   *
   * Only its images have to be the same: it has no deadline, and shows no pictures while it develops.
   *
   * @throws {DarkroomError} Thrown with `not_found` when the tenant has no such generation, with `conflict` when it has not succeeded, the
   *   model has changed or what it was made of is gone, with `permission_denied` when the tenant may not use the model any more, and as {@link GenerationService.submit} throws it.
   */
  async submit(id: string, caller: Caller, options: SubmitOptions): Promise<GenerationState> {
    const { job, status, result } = await this.generations.find(id, caller);
    if (result === undefined) throw conflict(`only a generation that has succeeded can be made again; this one is ${status}`);
    const { modelDigest } = receiptOf(result);
    const model = await this.sameModel(job.model, modelDigest, caller);
    const { picture, ...prompts } = await this.inputs.get(job);
    const replay = { generationId: id, modelDigest, imageSha256: result.images.map(({ sha256 }) => sha256) };
    return await this.generations.submit(requestOf(job, model, prompts), caller, { ...options, replay, picture });
  }

  /** The denoiser has the last word on this; whoever asks the gateway shall hear it at once. */
  private async sameModel(id: string, digest: string, caller: Caller): Promise<ServedModel> {
    await this.models.assertPermitted(id, caller);
    const found = (await this.models.entries(caller)).find(({ model }) => model.id === id);
    if (found?.digest !== digest) throw conflict('the model that made this generation has changed since');
    return found.model;
  }
}

function conflict(message: string): DarkroomError {
  return new DarkroomError({ code: 'conflict', message, param: 'id' });
}
