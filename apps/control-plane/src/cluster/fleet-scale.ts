import type { KubeConfig, ScaledObject } from '@darkroom/cluster';
import { DarkroomError } from '@darkroom/contracts';
import type { ClusterFleetBody } from '@darkroom/contracts/admin';
import { Injectable } from '@nestjs/common';
import { viewFleets } from './cluster.views.js';
import { ClusterWatch } from './cluster-watch.js';

/** How long the API may take to answer. */
const PATIENCE_MS = 2_000;

const keda = { group: 'keda.sh', version: 'v1alpha1', plural: 'scaledobjects' } as const;

/**
 * Sets how many replicas a fleet has. Where KEDA scales it, it is held at that number by KEDA's own annotation, since KEDA would set its
 * own otherwise; else the deployment is scaled.
 */
@Injectable()
export class FleetScale {
  private readonly watch: ClusterWatch;

  constructor(watch: ClusterWatch) {
    this.watch = watch;
  }

  /**
   * Holds a fleet at a number of replicas.
   *
   * @throws {DarkroomError} Thrown with `not_found` when there is no such fleet, with `unavailable` when the API does not take it, and with
   *   `conflict` when somebody else changed it at the same moment.
   */
  async set(name: string, replicas: number): Promise<void> {
    const { namespace, connection } = this.watch;
    const { scaled_object: scaledObject } = this.find(name);
    if (scaledObject !== null) return await this.hold(scaledObject.name, replicas);
    await this.ask(connection, async (config) => {
      const { AppsV1Api } = await import('@darkroom/cluster');
      const apps = config.makeApiClient(AppsV1Api);
      const scale = await apps.readNamespacedDeploymentScale({ name, namespace });
      const body = { ...scale, spec: { ...scale.spec, replicas } };
      await apps.replaceNamespacedDeploymentScale({ name, namespace, body });
    });
  }

  /**
   * Has KEDA decide again.
   *
   * @throws {DarkroomError} Thrown as {@link set} does, and with `conflict` where KEDA does not scale it.
   */
  async resume(name: string): Promise<void> {
    const { scaled_object: scaledObject } = this.find(name);
    if (scaledObject === null) {
      const message = 'KEDA does not scale this fleet: it keeps the replicas that were set';
      throw new DarkroomError({ code: 'conflict', message, param: 'name' });
    }
    await this.hold(scaledObject.name, undefined);
  }

  private async hold(name: string, replicas: number | undefined): Promise<void> {
    const { namespace, connection } = this.watch;
    await this.ask(connection, async (config) => {
      const { CustomObjectsApi, pauseAnnotation } = await import('@darkroom/cluster');
      const custom = config.makeApiClient(CustomObjectsApi);
      const found = (await custom.getNamespacedCustomObject({ ...keda, namespace, name })) as ScaledObject;
      const { [pauseAnnotation]: _, ...annotations } = found.metadata?.annotations ?? {};
      const held = { ...annotations, ...(replicas !== undefined && { [pauseAnnotation]: `${replicas}` }) };
      // The version that was read goes along, so that what somebody else changed meanwhile is not lost.
      const body = { ...found, metadata: { ...found.metadata, annotations: held } };
      await custom.replaceNamespacedCustomObject({ ...keda, namespace, name, body });
    });
  }

  private find(name: string): ClusterFleetBody {
    const { state } = this.watch;
    if (state.kind === 'unknown') throw new DarkroomError({ code: 'unavailable', message: state.why });
    const fleet = viewFleets(state).find((one) => one.name === name);
    if (fleet !== undefined) return fleet;
    throw new DarkroomError({ code: 'not_found', message: 'there is no such fleet', param: 'name' });
  }

  private async ask(connection: Promise<KubeConfig> | undefined, work: (config: KubeConfig) => Promise<void>): Promise<void> {
    const { statusOf, within } = await import('@darkroom/cluster');
    try {
      await within(PATIENCE_MS, work((await connection) as KubeConfig));
    } catch (cause) {
      const status = statusOf(cause);
      if (status === 409) {
        const message = 'somebody else changed the fleet at the same moment; look at it again';
        throw new DarkroomError({ code: 'conflict', message, cause });
      }
      const reason = status === undefined ? (cause as Error).message : `it answers ${status}`;
      throw new DarkroomError({ code: 'unavailable', message: `the Kubernetes API did not take it (${reason})`, cause });
    }
  }
}
