import { type PassTime, WorkerReport, type Workers } from '@darkroom/contracts';
import { admissionLimits, Forecast } from '@darkroom/queue-policy';
import type { Replica } from './fleet/replica.js';
import { secondsLeft } from './fleet/work-item.js';
import type { OrderLimits } from './queue/job-order.js';
import type { SimulatedRequest } from './request.js';

/** Replicas report once a second, and the gateway's forecast is as old. */
const reportSeconds = 1;

/** The gateway's admission: what the platform's own forecast lets in. */
export class Admission {
  readonly #limitSeconds: number;
  readonly #passTimes: readonly PassTime[];
  readonly #otherSeconds: number;
  readonly #concurrency: number;
  #forecast: Forecast | undefined;
  #madeAt = Number.NEGATIVE_INFINITY;

  constructor(
    limitSeconds: number,
    times: { readonly passTimes: readonly PassTime[]; readonly otherSeconds: number },
    concurrency: number,
  ) {
    this.#limitSeconds = limitSeconds;
    this.#passTimes = times.passTimes;
    this.#otherSeconds = times.otherSeconds;
    this.#concurrency = concurrency;
  }

  /** Up to where a request is let in; undefined when its deadline can't be met whatever waits. */
  limits(request: SimulatedRequest, replicas: Iterable<Replica>): Pick<OrderLimits, 'secondsAhead'> | undefined {
    if (this.#forecast === undefined || request.atSeconds - this.#madeAt >= reportSeconds) {
      this.#forecast = new Forecast(this.#workers(replicas));
      this.#madeAt = request.atSeconds;
    }
    const secondsLeft = Number.isFinite(request.deadlineSeconds) ? request.deadlineSeconds : undefined;
    const limits = admissionLimits(request, secondsLeft, this.#forecast, { limitSeconds: this.#limitSeconds });
    return limits.isImpossible ? undefined : limits;
  }

  #workers(replicas: Iterable<Replica>): Workers {
    const alive: WorkerReport[] = [];
    for (const replica of replicas) {
      if (!replica.isReady) continue;
      const finishSeconds = replica.secondsLeft;
      const loads = [...replica.items].map((item) => ({
        tenantId: item.request.tenantId,
        generationId: item.request.id,
        remainingSeconds: secondsLeft(item),
        finishSeconds,
      }));
      const report = { workerId: `${replica.id}`, concurrency: this.#concurrency, running: replica.taken, loads, pace: 1 };
      alive.push(WorkerReport.fromPartial({ ...report, otherSeconds: this.#otherSeconds }));
    }
    return { alive, passTimes: this.#passTimes };
  }
}
