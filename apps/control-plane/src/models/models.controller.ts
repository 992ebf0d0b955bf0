import { defaultThresholds } from '@darkroom/canary-policy';
import type { CanaryBody, ModelStateBody, ModelStateListBody, ModelVerificationBody } from '@darkroom/contracts/admin';
import { parseStrictly } from '@darkroom/contracts/http';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { z } from 'zod';
import type { Operator } from '../operators/operator.js';
import { Audited, CurrentOperator, Needs } from '../operators/route-rules.js';
import { canaryBody, modelName, registrationBody, warmBody } from './model.schemas.js';
import { viewThresholds } from './model.views.js';
import { ModelStates } from './model-states.js';

const thresholds = ['min_generations', 'max_error_increase', 'max_refusal_increase', 'significance'] as const;

/** The models that are served, and their canaries. */
@Controller('admin/v1/models')
export class ModelsController {
  private readonly states: ModelStates;

  constructor(states: ModelStates) {
    this.states = states;
  }

  @Get()
  @Needs('read')
  async list(): Promise<ModelStateListBody> {
    return {
      object: 'list',
      data: await this.states.list(),
      has_more: false,
      canary_defaults: viewThresholds(defaultThresholds),
    };
  }

  /** Sends a part of a model's requests to a newer revision. */
  @Put(':model/canary')
  @Needs('operate')
  @Audited('canary.put', { subject: 'model', facts: ['revision', 'percent', ...thresholds] })
  async putCanary(
    @Param('model') model: string,
    @Body() body: unknown,
    @CurrentOperator() { name: by }: Operator,
  ): Promise<CanaryBody> {
    const { revision, percent, ...wanted } = parseStrictly(canaryBody, body ?? {});
    return await this.states.putCanary({
      model,
      revision,
      percent,
      minGenerations: wanted.min_generations,
      maxErrorIncrease: wanted.max_error_increase,
      maxRefusalIncrease: wanted.max_refusal_increase,
      significance: wanted.significance,
      by,
    });
  }

  /** Ends a model's canary: all of its requests are its own again. */
  @Delete(':model/canary')
  @Needs('operate')
  @Audited('canary.end', { subject: 'model' })
  async endCanary(@Param('model') model: string, @CurrentOperator() { name: by }: Operator): Promise<CanaryBody> {
    return await this.states.endCanary(model, by);
  }

  /** Has a model take no new requests; what is queued for it is still made. */
  @Post(':model/retire')
  @Needs('operate')
  @Audited('model.retire', { subject: 'model' })
  @HttpCode(200)
  async retire(@Param('model') model: string, @CurrentOperator() { name: by }: Operator): Promise<ModelStateBody> {
    return await this.states.retire(model, by);
  }

  @Post(':model/restore')
  @Needs('operate')
  @Audited('model.restore', { subject: 'model' })
  @HttpCode(200)
  async restore(@Param('model') model: string): Promise<ModelStateBody> {
    return await this.states.retire(model, null);
  }

  /** Says which revision a model is meant to be, whether it is there yet or not. */
  @Put(':model/registration')
  @Needs('operate')
  @Audited('model.register', { subject: 'model', facts: ['digest', 'source', 'required'] })
  async register(
    @Param('model') model: string,
    @Body() body: unknown,
    @CurrentOperator() { name: registeredBy }: Operator,
  ): Promise<ModelStateBody> {
    const { model: name } = parseStrictly(z.strictObject({ model: modelName }), { model });
    return await this.states.register({ model: name, ...parseStrictly(registrationBody, body ?? {}), registeredBy });
  }

  /** Takes that back; what is served goes on being served. */
  @Delete(':model/registration')
  @Needs('operate')
  @Audited('model.unregister', { subject: 'model' })
  @HttpCode(204)
  async unregister(@Param('model') model: string): Promise<void> {
    await this.states.unregister(model);
  }

  /** Wants workers of a model to be ready for a time, ahead of its requests. */
  @Post(':model/warm')
  @Needs('operate')
  @Audited('model.warm', { subject: 'model', facts: ['replicas', 'minutes'] })
  @HttpCode(200)
  async warm(
    @Param('model') model: string,
    @Body() body: unknown,
    @CurrentOperator() { name: by }: Operator,
  ): Promise<ModelStateBody> {
    const { replicas, minutes } = parseStrictly(warmBody, body ?? {});
    return await this.states.warm(model, { replicas, untilMs: Date.now() + minutes * 60_000, by });
  }

  /** Takes that back: the model's work alone says how many workers it has. */
  @Delete(':model/warm')
  @Needs('operate')
  @Audited('model.warm_end', { subject: 'model' })
  async endWarm(@Param('model') model: string): Promise<ModelStateBody> {
    return await this.states.endWarm(model);
  }

  /** Asks each worker to read every file of the model again; how far they are stands with the model. */
  @Post(':model/verify')
  @Needs('operate')
  @Audited('model.verify', { subject: 'model' })
  @HttpCode(202)
  async verify(@Param('model') model: string, @CurrentOperator() { name: by }: Operator): Promise<ModelVerificationBody> {
    return await this.states.verify(model, by);
  }
}
