import { createHash } from 'node:crypto';
import { Readiness } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Config } from '../config.js';
import { ModelCatalogue } from './model-catalogue.js';
import { ModelRouting } from './model-routing.js';

/** Knows which requests for a model go to another revision of it. */
@Injectable()
export class Canaries {
  private readonly routing: ModelRouting;

  constructor({ modelCanaries }: Config, catalogue: ModelCatalogue, routing: ModelRouting, readiness: Readiness) {
    this.routing = routing;
    readiness.load('canaries', async () => {
      const served = new Set((await catalogue.entries()).map(({ model }) => model.id));
      const missing = modelCanaries.flatMap(({ model, revision }) => [model, revision]).filter((name) => !served.has(name));
      if (missing.length > 0)
        throw new Error(`MODEL_CANARIES names ${missing.join(', ')}, which MODELS_DIR and MODELS do not serve`);
    });
  }

  /**
   * Returns the revision of a model that is to do a request.
   *
   * The same request of the same tenant always goes to the same one, so that trying again, with an `Idempotency-Key` for instance, means the
   * same as before.
   */
  revisionOf(model: string, tenantId: string, body: unknown): string {
    const canary = this.routing.canaries.find((one) => one.model === model);
    if (canary === undefined) return model;
    const hash = createHash('sha256')
      .update(JSON.stringify([tenantId, canary.revision, body]))
      .digest();
    return hash.readUInt32BE() < (canary.percent / 100) * 2 ** 32 ? canary.revision : model;
  }
}
