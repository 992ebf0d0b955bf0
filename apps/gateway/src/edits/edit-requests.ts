import { type ImageGenerationRequest, imageEditBody, parseImageEditRequest } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { TenantModels } from '../models/tenant-models.js';
import { EditForms } from './edit-forms.js';
import { Pictures, type SentPicture } from './pictures.js';

/** A checked request to edit a picture. */
export interface EditRequest {
  readonly request: ImageGenerationRequest;
  readonly picture: SentPicture;
}

/** Turns forms into requests that edit a picture. */
@Injectable()
export class EditRequests {
  private readonly forms: EditForms;
  private readonly models: TenantModels;
  private readonly pictures: Pictures;

  constructor(forms: EditForms, models: TenantModels, pictures: Pictures) {
    this.forms = forms;
    this.models = models;
    this.pictures = pictures;
  }

  /**
   * Reads and checks a request's form, and does work with it; the files stay in memory until then.
   *
   * @throws {DarkroomError} Thrown with `invalid_argument` and its like for what is wrong in it, and whatever the work throws.
   */
  async read<Result>(http: FastifyRequest, work: (edit: EditRequest) => Promise<Result>): Promise<Result> {
    return await this.forms.read(http, async ({ fields, ...picture }) => {
      const prepared = await this.models.prepare(fields, callerOf(http), imageEditBody.shape);
      const size = await this.pictures.inspect(picture);
      const request = parseImageEditRequest(prepared.body, prepared.models, { ...size, isMasked: picture.mask !== undefined });
      return await work({ request, picture });
    });
  }
}
