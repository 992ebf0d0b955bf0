import { join } from 'node:path';
import { FileCheck as FileCheckReport } from '@darkroom/contracts';
import { fromPipeline } from '@darkroom/model-serving';
import { checkFolder } from '@darkroom/onnx-pipeline';
import { Lifecycle, Log, Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Config } from './config.js';

/** Differences that are told with their digests; all are counted. */
const MOST_TOLD = 20;

/**
 * Reads the model's files again when an operator asks for it, while generations go on, and knows how far that is and what came of it.
 *
 * A worker whose files have changed goes on with the model that it has loaded: what is done about it is up to the operator.
 */
@Injectable()
export class FileCheck {
  private readonly path: string;
  private readonly lifecycle: Lifecycle;
  private readonly log: Log;
  private readonly checks;
  private latest: FileCheckReport | undefined;
  private underWay = new AbortController();

  constructor({ modelsDir, model }: Config, lifecycle: Lifecycle, log: Log, metrics: Metrics) {
    this.path = join(modelsDir, model);
    this.lifecycle = lifecycle;
    this.log = log;
    this.checks = metrics.counter({
      name: 'darkroom_file_checks_total',
      help: "Checks of the model's files that operators asked for, by result: same, different, failed.",
      labelNames: ['result'],
    });
  }

  /** How far the latest check is; undefined where there was none. */
  get report(): FileCheckReport | undefined {
    return this.latest;
  }

  /** Begins the check of that name, in place of one that is under way, unless it was begun already. */
  begin(id: string | undefined): void {
    if (id === undefined || id === this.latest?.id || this.lifecycle.draining.aborted) return;
    this.underWay.abort();
    this.underWay = new AbortController();
    this.latest = FileCheckReport.fromPartial({ id });
    void this.check(id, AbortSignal.any([this.lifecycle.draining, this.underWay.signal]));
  }

  private async check(id: string, signal: AbortSignal): Promise<void> {
    const tell = (news: Partial<FileCheckReport>) => {
      if (!signal.aborted) this.latest = FileCheckReport.fromPartial({ ...this.latest, ...news, id });
    };
    try {
      const { digest, files, bytesRead, bytes, findings } = await checkFolder(this.path, { signal, onProgress: tell });
      const differences = findings.slice(0, MOST_TOLD).map((finding) => ({ ...finding, actual: finding.actual ?? '' }));
      tell({ bytesRead, bytes, ended: true, digest, files, different: findings.length, differences });
      this.checks.inc({ result: findings.length === 0 ? 'same' : 'different' });
      if (findings.length === 0) this.log.info('the files of the model are as its digests say', { digest, files });
      else this.log.error('files of the model have changed', { digest, differences });
    } catch (error) {
      if (signal.aborted) return;
      tell({ ended: true, problem: fromPipeline(error).message });
      this.checks.inc({ result: 'failed' });
      this.log.error('the files of the model could not be checked', { error });
    }
  }
}
