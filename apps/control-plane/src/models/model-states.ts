import { DarkroomError } from '@darkroom/contracts';
import type { CanaryBody, ModelStateBody, ModelVerificationBody } from '@darkroom/contracts/admin';
import type { WarmNote } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { type FleetWorker, FleetWorkers } from '../fleet/fleet-workers.js';
import { CanaryRepository, type CanaryRow, type WantedCanary } from './canary.repository.js';
import { ModelRepository, noSuchModel } from './model.repository.js';
import { viewCanary, viewModelState } from './model.views.js';
import { ModelVerifications } from './model-verifications.js';
import { RegistrationRepository, type WantedRegistration } from './registration.repository.js';
import { RevisionOutcomes } from './revision-outcomes.js';
import { WarmModels } from './warm-models.js';

/** Puts together what gateways, workers and the database know of models, and changes it. */
@Injectable()
export class ModelStates {
  constructor(
    private readonly models: ModelRepository,
    private readonly canaries: CanaryRepository,
    private readonly workers: FleetWorkers,
    private readonly registrations: RegistrationRepository,
    private readonly outcomes: RevisionOutcomes,
    private readonly verifications: ModelVerifications,
    private readonly warmth: WarmModels,
  ) {}

  /** Lists the models that gateways or workers have told of, or that are registered. While Redis is away, what workers tell is not known, and said to be so. */
  async list(): Promise<ModelStateBody[]> {
    const [rows, canaries, registrations, workers] = await Promise.all([
      this.models.list(),
      this.canaries.list(),
      this.registrations.list(),
      this.knownWorkers(),
    ]);
    const names = new Set([
      ...rows.map(({ name }) => name),
      ...(workers ?? []).map(({ model }) => model),
      ...registrations.map(({ model }) => model),
    ]);
    const current = canaries.filter(({ state }) => state !== 'retired');
    return await Promise.all(
      [...names].sort().map(async (name) => {
        const canary = current.find(({ model }) => model === name);
        const row = rows.find((row) => row.name === name);
        const own = workers?.filter(({ model }) => model === name);
        return viewModelState({
          name,
          row,
          workers: own,
          registration: registrations.find(({ model }) => model === name),
          warm: own === undefined ? null : await this.warmth.of(name, own),
          verification: own === undefined ? null : await this.verifications.of(name, row?.digest ?? '', own),
          canary: canary === undefined ? null : await this.view(canary),
          canaryOf: current.find(({ revision }) => revision === name)?.model ?? null,
        });
      }),
    );
  }

  /**
   * Enters or changes a model's canary.
   *
   * @throws {DarkroomError} Thrown with `not_found` or `invalid_argument` when either is not served, or the request would take two turns.
   */
  async putCanary(wanted: WantedCanary): Promise<CanaryBody> {
    const { model, revision } = wanted;
    const rows = await this.models.list();
    const revisionRow = rows.find(({ name }) => name === revision);
    if (!rows.some(({ name }) => name === model)) noSuchModel(model);
    if (revisionRow === undefined) noSuchModel(revision, 'revision');
    if (revision === model) throw wrong('`revision` must be another model than the one whose requests it gets');
    if (revisionRow.retiredAt !== null) throw wrong('`revision` is retired; restore it first');
    const others = (await this.canaries.list()).filter((one) => one.state !== 'retired' && one.model !== model);
    if (others.some((one) => one.model === revision)) throw wrong('`revision` has a canary itself: a request takes one turn');
    if (others.some((one) => one.revision === model)) throw wrong(`"${model}" is a canary itself: a request takes one turn`);
    return await this.view(await this.canaries.put(wanted));
  }

  /** Ends a model's canary. @throws {DarkroomError} Thrown with `not_found` when it has none. */
  async endCanary(model: string, by: string): Promise<CanaryBody> {
    const row = await this.canaries.retire(model, by);
    if (row === undefined) throw new DarkroomError({ code: 'not_found', message: `"${model}" has no canary`, param: 'model' });
    return await this.view(row);
  }

  /** Takes a model out of those that take requests, or back. @throws {DarkroomError} Thrown with `not_found` for one that is not known. */
  async retire(model: string, by: string | null): Promise<ModelStateBody> {
    await this.models.retire(model, by);
    return await this.state(model);
  }

  /** Says which revision a model is meant to be. */
  async register(wanted: WantedRegistration): Promise<ModelStateBody> {
    await this.registrations.put(wanted);
    return await this.state(wanted.model);
  }

  /** Takes that back. @throws {DarkroomError} Thrown with `not_found` for a model that is not registered. */
  async unregister(model: string): Promise<void> {
    await this.registrations.remove(model);
  }

  /**
   * Wants workers of a model to be ready ahead of its requests.
   *
   * @throws {DarkroomError} Thrown with `not_found` for a model that is not known, with `unavailable` while Redis is away.
   */
  async warm(model: string, note: WarmNote): Promise<ModelStateBody> {
    if (!(await this.models.list()).some(({ name }) => name === model)) noSuchModel(model);
    await this.warmth.put(model, note);
    return await this.state(model);
  }

  /** Takes that back. @throws {DarkroomError} Thrown with `not_found` where nobody wants it, with `unavailable` while Redis is away. */
  async endWarm(model: string): Promise<ModelStateBody> {
    await this.warmth.end(model);
    return await this.state(model);
  }

  /**
   * Asks the workers of a model to read all of its files again, and returns at once.
   *
   * @throws {DarkroomError} Thrown with `not_found` for a model that is not known, with `conflict` when it has no workers, with `unavailable`
   *   while Redis is away.
   */
  async verify(model: string, by: string): Promise<ModelVerificationBody> {
    const row = (await this.models.list()).find(({ name }) => name === model) ?? noSuchModel(model);
    return await this.verifications.begin(model, row.digest, by);
  }

  private async state(model: string): Promise<ModelStateBody> {
    return (await this.list()).find(({ name }) => name === model) ?? noSuchModel(model);
  }

  private async knownWorkers(): Promise<readonly FleetWorker[] | undefined> {
    return await this.workers.list().catch(() => undefined);
  }

  private async view(row: CanaryRow): Promise<CanaryBody> {
    if (row.state === 'retired') return viewCanary(row, undefined);
    const judged = await this.outcomes.judge(row).catch((error: unknown) => ({ problem: DarkroomError.from(error).message }));
    return viewCanary(row, judged);
  }
}

function wrong(message: string): DarkroomError {
  return new DarkroomError({ code: 'invalid_argument', message, param: 'revision' });
}
