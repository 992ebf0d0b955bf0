import type { ClusterBody } from '@darkroom/contracts/admin';
import { parseStrictly } from '@darkroom/contracts/http';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { Audited, Needs } from '../operators/route-rules.js';
import { viewCluster } from './cluster.views.js';
import { ClusterWatch } from './cluster-watch.js';
import { FleetScale } from './fleet-scale.js';

const message = '`replicas` must be a whole number from 0 to 1000';
const scaleBody = z.strictObject({ replicas: z.int(message).min(0, message).max(1_000, message) });

/** The Kubernetes cluster that the platform runs in, where it runs in one. */
@Controller('admin/v1/cluster')
export class ClusterController {
  private readonly watch: ClusterWatch;
  private readonly scale: FleetScale;

  constructor(watch: ClusterWatch, scale: FleetScale) {
    this.watch = watch;
    this.scale = scale;
  }

  @Get()
  @Needs('read')
  show(): ClusterBody {
    return viewCluster(this.watch.state, this.watch.namespace);
  }

  /** Holds a fleet at a number of replicas. */
  @Post('fleets/:name/scale')
  @Needs('operate')
  @Audited('fleet.scale', { subject: 'name', facts: ['replicas'] })
  @HttpCode(202)
  async set(@Param('name') name: string, @Body() body: unknown): Promise<{ name: string; replicas: number }> {
    const { replicas } = parseStrictly(scaleBody, body ?? {});
    await this.scale.set(name, replicas);
    return { name, replicas };
  }

  /** Lets KEDA decide on a fleet's replicas again. */
  @Post('fleets/:name/resume')
  @Needs('operate')
  @Audited('fleet.resume', { subject: 'name' })
  @HttpCode(202)
  async resume(@Param('name') name: string): Promise<{ name: string }> {
    await this.scale.resume(name);
    return { name };
  }
}
