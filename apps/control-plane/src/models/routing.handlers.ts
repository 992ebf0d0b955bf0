import { defaultThresholds } from '@darkroom/canary-policy';
import type { CanarySplit, RoutingServiceService, SyncRequest, SyncResponse } from '@darkroom/contracts';
import type { Handlers } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { OperatorActions } from '../operators/operator-actions.js';
import { CanaryRepository } from './canary.repository.js';
import { ModelRepository } from './model.repository.js';
import { RegistrationRepository } from './registration.repository.js';

/** By whom a canary of a gateway's configuration is. */
const CONFIGURATION = { name: 'MODEL_CANARIES', role: 'admin', via: 'platform' } as const;

/** Tells gateways where requests go. */
@Injectable()
export class RoutingHandlers implements Handlers<typeof RoutingServiceService> {
  private readonly models: ModelRepository;
  private readonly canaries: CanaryRepository;
  private readonly actions: OperatorActions;
  private readonly registrations: RegistrationRepository;

  constructor(
    models: ModelRepository,
    canaries: CanaryRepository,
    registrations: RegistrationRepository,
    actions: OperatorActions,
  ) {
    this.models = models;
    this.canaries = canaries;
    this.registrations = registrations;
    this.actions = actions;
  }

  async sync({ models: facts, configuredCanaries }: SyncRequest): Promise<SyncResponse> {
    await this.models.see(facts);
    let known = await this.canaries.list();
    const isKnown = ({ model, revision }: CanarySplit) =>
      known.some((row) => row.model === model && (row.revision === revision || row.state !== 'retired'));
    for (const split of configuredCanaries.filter((one) => !isKnown(one))) {
      if (await this.canaries.adopt({ ...defaultThresholds, ...split, by: CONFIGURATION.name })) {
        const { model: subject, ...facts } = split;
        await this.actions.enter(CONFIGURATION, { action: 'canary.put', subject, facts }, 'done');
        known = await this.canaries.list();
      }
    }
    const retired = (await this.models.list()).flatMap(({ name, retiredAt }) => (retiredAt === null ? [] : [name]));
    return {
      canaries: known.flatMap(({ model, revision, percent, state }) =>
        state === 'active' ? [{ model, revision, percent }] : [],
      ),
      retiredModels: retired,
      requiredDigests: (await this.registrations.list()).filter(({ required }) => required),
    };
  }
}
