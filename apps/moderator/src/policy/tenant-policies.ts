import { DarkroomError, PolicyServiceService } from '@darkroom/contracts';
import { offPolicy, readPolicy } from '@darkroom/safety-policy';
import { GrpcConnection, GrpcSecurity, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { type ActivePolicy, activePolicy, usualPolicy } from './policies.js';

/** Policies kept in memory, those asked for last; most tenants have the default. */
const MOST = 100;

/** Knows by which policy each tenant is judged; those of their own are asked of the control plane once, since they never change. */
@Injectable()
export class TenantPolicies implements OnApplicationShutdown {
  /** The policy of tenants that have none of their own. */
  readonly usual: ActivePolicy;
  private readonly isOff: boolean;
  private readonly controlPlane: GrpcConnection | undefined;
  /** The one asked for last is the last. */
  private readonly kept = new Map<string, ActivePolicy>();

  constructor({ moderation, controlPlaneAddress: address }: Config, readiness: Readiness, security: GrpcSecurity) {
    this.isOff = moderation === 'off';
    this.usual = this.isOff ? activePolicy(offPolicy(usualPolicy.document)) : usualPolicy;
    this.controlPlane =
      address === undefined ? undefined : new GrpcConnection({ address, name: 'control-plane', timeoutMs: 2_000, security });
    if (address !== undefined) return;
    readiness.tell('policies', () => 'CONTROL_PLANE_ADDRESS is not set: tenants that have policies of their own get no verdicts');
  }

  /**
   * Finds the policy with a digest; without one, the usual.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when the control plane does not give exactly this policy: nobody may be judged by
   *   another then.
   */
  async find(digest: string): Promise<ActivePolicy> {
    if (digest === '' || digest === this.usual.digest || this.isOff) return this.usual;
    const policy = this.kept.get(digest) ?? (await this.ask(digest));
    this.kept.delete(digest);
    this.kept.set(digest, policy);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST && oldest !== undefined) this.kept.delete(oldest);
    return policy;
  }

  onApplicationShutdown(): void {
    this.controlPlane?.close();
  }

  private async ask(digest: string): Promise<ActivePolicy> {
    try {
      if (this.controlPlane === undefined) throw new Error('CONTROL_PLANE_ADDRESS is not set');
      const { documentJson } = await this.controlPlane.client(PolicyServiceService).getPolicy({ digest });
      return activePolicy(readPolicy(documentJson, digest), digest);
    } catch (cause) {
      const message = `the tenant's policy ${digest} can not be had at the moment: ${(cause as Error).message}`;
      throw new DarkroomError({ code: 'unavailable', message, retryAfterSeconds: 2, cause });
    }
  }
}
