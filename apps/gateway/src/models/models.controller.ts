import { DarkroomError } from '@darkroom/contracts';
import { defaultImageCount, type ModelBody, type ModelListBody, maxPromptTokens } from '@darkroom/contracts/http';
import { Controller, Get, Param } from '@nestjs/common';
import { type CatalogueEntry, ModelCatalogue } from './model-catalogue.js';

/** OpenAI's list of models, with what each draws. */
@Controller('v1/models')
export class ModelsController {
  private readonly catalogue: ModelCatalogue;

  constructor(catalogue: ModelCatalogue) {
    this.catalogue = catalogue;
  }

  @Get()
  async list(): Promise<ModelListBody> {
    return { object: 'list', data: (await this.catalogue.entries()).map(viewModel) };
  }

  @Get(':id')
  async retrieve(@Param('id') id: string): Promise<ModelBody> {
    const found = (await this.catalogue.entries()).find(({ model }) => model.id === id);
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
