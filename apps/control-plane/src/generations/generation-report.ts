import { GenerationJob } from '@darkroom/contracts';
import type { WholeGenerationBody } from '@darkroom/contracts/admin';
import { viewReceipt } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import { viewEntry } from '../audit/audit.views.js';
import { AuditLog } from '../audit/audit-log.js';
import { Config } from '../config.js';
import type { GenerationRow } from '../journal/generation-journal.js';
import { UsageRepository } from '../usage/usage.repository.js';
import { adviceOn } from './error-advice.js';
import { viewCharge, viewGeneration, viewRequest, viewTimeline } from './generation.views.js';
import { GenerationDeliveries } from './generation-deliveries.js';
import { GenerationFiles } from './generation-files.js';
import { QueuedGenerations } from './queued-generations.js';
import { ask, shown, type Told } from './sources.js';

/** Decisions on one generation that are shown; each image has a few. */
const MOST_DECISIONS = 100;

/** Gathers all that is known of a generation; what a source that is away would tell is told to be missing. */
@Injectable()
export class GenerationReport {
  constructor(
    private readonly config: Config,
    private readonly queued: QueuedGenerations,
    private readonly files: GenerationFiles,
    private readonly deliveries: GenerationDeliveries,
    private readonly auditLog: AuditLog,
    private readonly usage: UsageRepository,
  ) {}

  async of(row: GenerationRow): Promise<WholeGenerationBody> {
    const { id, tenantId, model } = row;
    const [queued, made, decisions, charge, deliveries] = await Promise.all([
      ask('the queue', () => this.queued.find(model, id)),
      ask('the blob store', () => this.made(id)),
      ask('the audit log', () => this.auditLog.list({ kind: 'decision', generationId: id, limit: MOST_DECISIONS })),
      ask('the ledger', async () => (await this.usage.list({ generationId: id, limit: 1 }))[0]),
      ask('the webhooks’ queue', () => this.deliveries.of(tenantId, id)),
    ]);
    const job = jobOf(row, queued);
    return {
      ...viewGeneration(row),
      advice: adviceOn(row.errorCode),
      timeline: viewTimeline(row),
      queue: shown(queued, ({ state }) => state),
      request: shown(job, viewRequest),
      trace: 'value' in job ? this.traceOf(job.value) : null,
      decisions: shown(decisions, (rows) => rows.map(viewEntry).toReversed()),
      receipt: shown(made, ({ result: { receipt } }) => (receipt === undefined ? null : viewReceipt(receipt))),
      images: shown(made, ({ images }) => images),
      charge: shown(charge, viewCharge),
      deliveries: shown(deliveries, (all) => all),
    };
  }

  private async made(id: string) {
    const result = await this.files.result(id);
    return result && { result, images: await this.files.images(result) };
  }

  private traceOf(job: GenerationJob | undefined): WholeGenerationBody['trace'] {
    const id = /^00-([0-9a-f]{32})-/.exec(job?.traceparent ?? '')?.[1];
    return id === undefined ? null : { id, url: this.config.traceUrlTemplate?.replaceAll('{trace_id}', id) ?? null };
  }
}

/** Until its end the journal has the job as well, also while Redis is away. */
function jobOf({ job }: GenerationRow, queued: Told<{ readonly job: GenerationJob }>): Told<GenerationJob> {
  if (job !== null) return { value: GenerationJob.decode(job) };
  return 'problem' in queued ? queued : { value: queued.value?.job };
}
