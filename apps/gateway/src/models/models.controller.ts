import { DarkroomError } from '@darkroom/contracts';
import { defaultImageCount, type ModelBody, type ModelListBody, maxPromptTokens } from '@darkroom/contracts/http';
import { Controller, Get, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import type { CatalogueEntry } from './model-catalogue.js';
import { TenantModels } from './tenant-models.js';

/** OpenAI's list of models, with what each draws; those that the tenant may use. */
@Controller('v1/models')
export class ModelsController {
  private readonly models: TenantModels;

  constructor(models: TenantModels) {
    this.models = models;
  }

  @Get()
  async list(@Req() http: FastifyRequest): Promise<ModelListBody> {
    return { object: 'list', data: (await this.models.entries(callerOf(http))).map(viewModel) };
  }

  @Get(':id')
  async retrieve(@Param('id') id: string, @Req() http: FastifyRequest): Promise<ModelBody> {
    const caller = callerOf(http);
    await this.models.assertPermitted(id, caller);
    const found = (await this.models.entries(caller)).find(({ model }) => model.id === id);
    if (found === undefined) throw new DarkroomError({ code: 'not_found', message: 'there is no such model', param: 'model' });
    return viewModel(found);
  }
}

function viewModel({ model, created }: CatalogueEntry): ModelBody {
  const { width, height } = model.defaultSize;
  return {
    id: model.id,
    object: 'model',
    created,
    owned_by: 'darkroom',
    size: {
      granularity: model.granularity,
      min_side: model.minSide,
      max_side: model.maxSide,
      max_pixels: model.maxPixels,
      default: `${width}x${height}`,
    },
    max_prompt_tokens: maxPromptTokens,
    defaults: { n: defaultImageCount, steps: model.defaultSteps, guidance_scale: model.defaultGuidanceScale },
  };
}
