import { Module } from '@nestjs/common';
import { Cluster } from './cluster/cluster.js';
import { Fleets } from './scaling/fleets.js';
import { Scaler } from './scaling/scaler.js';
import { ScalingMetrics } from './scaling/scaling-metrics.js';
import { ModelWork } from './work/model-work.js';

/** Wires the autoscaler: what there is to do, what there is room for, and what follows from both. */
@Module({ providers: [ModelWork, Cluster, ScalingMetrics, Fleets, Scaler] })
export class AppModule {}
