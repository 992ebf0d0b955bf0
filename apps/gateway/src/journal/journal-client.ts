import type { JournalServiceService } from '@darkroom/contracts';
import { type GrpcClient, isNotImplemented, Log, Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Neighbours } from '../neighbours/neighbours.js';

type Service = GrpcClient<typeof JournalServiceService>;

/**
 * The control plane's journal. A control plane of before the journal, which may run beside a newer gateway in the midst of an upgrade, is
 * answered for: nothing is in it, as before there was one. Every other failure is the caller's to handle.
 */
@Injectable()
export class JournalClient {
  private readonly neighbours: Neighbours;
  private readonly log: Log;
  private readonly unserved;
  private hasWarned = false;

  readonly accept: Service['accept'] = (request) => this.ask('accept', request, { earlier: [] });
  readonly withdraw: Service['withdraw'] = (request) => this.ask('withdraw', request, {});
  readonly noteCancellations: Service['noteCancellations'] = (request) => this.ask('noteCancellations', request, {});
  readonly listGenerations: Service['listGenerations'] = (request) => this.ask('listGenerations', request, { ids: [] });
  readonly listUnfinished: Service['listUnfinished'] = (request) => this.ask('listUnfinished', request, { generations: [] });
  readonly getUnfinished: Service['getUnfinished'] = (request) => this.ask('getUnfinished', request, { generations: [] });
  readonly findGeneration: Service['findGeneration'] = (request) => this.ask('findGeneration', request, { entry: undefined });

  constructor(neighbours: Neighbours, log: Log, metrics: Metrics) {
    this.neighbours = neighbours;
    this.log = log;
    this.unserved = metrics.counter({
      name: 'darkroom_journal_unserved_total',
      help: 'Calls of the journal that the control plane does not know, since it is of an earlier version, by method.',
      labelNames: ['method'],
    });
  }

  private async ask<Method extends keyof Service>(
    method: Method,
    request: Parameters<Service[Method]>[0],
    nothing: Awaited<ReturnType<Service[Method]>>,
  ): Promise<Awaited<ReturnType<Service[Method]>>> {
    try {
      const call = this.neighbours.journal[method] as (request: unknown) => ReturnType<Service[Method]>;
      return await call(request);
    } catch (error) {
      if (!isNotImplemented(error)) throw error;
      this.unserved.inc({ method });
      if (!this.hasWarned)
        this.log.warn('the control plane is of a version without a journal: what is accepted is in the queue alone');
      this.hasWarned = true;
      return nothing;
    }
  }
}
