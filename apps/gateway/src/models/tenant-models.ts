import { DarkroomError } from '@darkroom/contracts';
import { type ServedModel, withDefaults } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Canaries } from './canaries.js';
import { type CatalogueEntry, ModelCatalogue } from './model-catalogue.js';
import { ModelRouting } from './model-routing.js';

/** A request's body with what it is to be parsed with. */
export interface TenantRequest {
  readonly body: unknown;
  readonly models: readonly ServedModel[];
}

/** Knows the models that a tenant may use, and what its requests mean when they leave something out. */
@Injectable()
export class TenantModels {
  private readonly catalogue: ModelCatalogue;
  private readonly canaries: Canaries;
  private readonly routing: ModelRouting;

  constructor(catalogue: ModelCatalogue, canaries: Canaries, routing: ModelRouting) {
    this.catalogue = catalogue;
    this.canaries = canaries;
    this.routing = routing;
  }

  /** Returns the served models that take requests and that a tenant may use. */
  async entries({ tenant }: Caller): Promise<readonly CatalogueEntry[]> {
    const served = await this.open();
    return served.filter(({ model }) => tenant.models?.includes(model.id) ?? true);
  }

  /**
   * Fills in a tenant's defaults, before the body is parsed, and returns the models that it may be for. A request for a model that has a
   * canary may become one for that.
   *
   * @param shape the parameters that the body's schema has; those of `POST /v1/generations` unless given.
   * @throws {DarkroomError} Thrown with `permission_denied` when it names a served model that the tenant may not use.
   */
  async prepare(body: unknown, caller: Caller, shape?: object): Promise<TenantRequest> {
    const filled = withDefaults(body, caller.tenant.defaults, shape);
    const named = (filled as { readonly model?: unknown } | null | undefined)?.model;
    if (typeof named === 'string') await this.assertPermitted(named, caller);
    const models = (await this.entries(caller)).map(({ model }) => model);
    const [first] = models;
    if (first === undefined) throw notPermitted('this tenant may use none of the models that are served');
    const wanted = typeof named === 'string' ? named : first.id;
    const revision = this.canaries.revisionOf(wanted, caller.tenantId, filled);
    if (revision === wanted || !isObject(filled)) return { body: filled, models };
    // Who may use a model may use what stands in for it, also one that may not be asked for by name.
    const served = (await this.open()).map(({ model }) => model);
    return { body: { ...filled, model: revision }, models: served.filter(({ id }) => id === revision) };
  }

  /**
   * Passes for a model that a tenant may use, and for one that isn't served.
   *
   * @throws {DarkroomError} Thrown with `permission_denied` for any other.
   */
  async assertPermitted(id: string, caller: Caller): Promise<void> {
    const isServed = (await this.open()).some(({ model }) => model.id === id);
    const permitted = (await this.entries(caller)).map(({ model }) => model.id);
    if (!isServed || permitted.includes(id)) return;
    const names = permitted.map((name) => `"${name}"`).join(', ');
    throw notPermitted(`this tenant may not use this \`model\`; it may use ${names || 'none that is served'}`);
  }

  /** The served models that take requests: one that an operator has closed is like one that is not served. */
  private async open(): Promise<readonly CatalogueEntry[]> {
    return (await this.catalogue.entries()).filter(({ model }) => !this.routing.isClosed(model.id));
  }
}

function isObject(body: unknown): body is Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}

function notPermitted(message: string): DarkroomError {
  return new DarkroomError({ code: 'permission_denied', message, param: 'model' });
}
