import { setTimeout as sleep } from 'node:timers/promises';
import {
  DarkroomError,
  type ExternalScalerService,
  type GetMetricSpecResponse,
  type GetMetricsRequest,
  type GetMetricsResponse,
  type IsActiveResponse,
  type ScaledObjectRef,
} from '@darkroom/contracts';
import type { CallContext, Handlers } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import type { Fleet } from '../fleet/fleet.js';
import { Fleets } from './fleets.js';

/** How often a stream looks whether there is work. */
const LOOK_MS = 1_000;

/**
 * Serves KEDA's external scaler.
 *
 * The metric is compute-seconds: a replica is to have the latency target's worth of them, and there are as many as make the decided
 * replicas of it. So KEDA and the horizontal autoscaler, which divide the one by the other and round up, come to that number.
 */
@Injectable()
export class Scaler implements Handlers<typeof ExternalScalerService> {
  constructor(private readonly fleets: Fleets) {}

  async isActive(ref: ScaledObjectRef): Promise<IsActiveResponse> {
    const { decision } = await this.fleets.decide(ref);
    return { result: decision.replicas > 0 };
  }

  async *streamIsActive(ref: ScaledObjectRef, { signal }: CallContext): AsyncGenerator<IsActiveResponse> {
    let told: boolean | undefined;
    for (;;) {
      const answer = await this.isActive(ref).catch(passOver);
      if (answer !== undefined && answer.result !== told) {
        told = answer.result;
        yield answer;
      }
      await sleep(LOOK_MS, undefined, { signal, ref: false });
    }
  }

  getMetricSpec(ref: ScaledObjectRef): GetMetricSpecResponse {
    const fleet = this.fleets.fleetOf(ref);
    const { latencySeconds } = fleet.settings;
    return { metricSpecs: [{ metricName: metricOf(fleet), targetSize: latencySeconds, targetSizeFloat: latencySeconds }] };
  }

  async getMetrics({ scaledObjectRef, metricName }: GetMetricsRequest): Promise<GetMetricsResponse> {
    if (scaledObjectRef === undefined) {
      throw new DarkroomError({ code: 'invalid_argument', message: '`scaledObjectRef` is missing', param: 'scaledObjectRef' });
    }
    const { fleet, decision } = await this.fleets.decide(scaledObjectRef);
    const own = metricOf(fleet);
    if (metricName !== own) {
      const message = `there is no metric "${metricName}"; that of this fleet is ${own}`;
      throw new DarkroomError({ code: 'not_found', message, param: 'metricName' });
    }
    const value = decision.replicas * fleet.settings.latencySeconds;
    return { metricValues: [{ metricName, metricValue: value, metricValueFloat: value }] };
  }
}

function metricOf({ model }: Fleet): string {
  return `compute-seconds-${model}`;
}

/** What is not known for the moment is no news; anything else ends the stream. */
function passOver(error: unknown): undefined {
  if (error instanceof DarkroomError && error.code === 'unavailable') return undefined;
  throw error;
}
