import { Log, Metrics } from '@darkroom/service-kit';
import { Module } from '@nestjs/common';
import { ConditioningCache } from './conditioning-cache.js';
import { ConditioningTiers } from './conditioning-tiers.js';
import { Config } from './config.js';
import { Encoding } from './encoding.js';

/** Wires the prompt encoder. */
@Module({
  providers: [{ provide: ConditioningTiers, inject: [Config, Log, Metrics], useFactory: openTiers }, Encoding],
})
export class AppModule {}

async function openTiers(config: Config, log: Log, metrics: Metrics): Promise<ConditioningTiers> {
  const { redisUrl, sharedCacheBytes: capacityBytes, sharedCachePatienceMs: patienceMs } = config;
  const memory = new ConditioningCache(config.cacheBytes);
  if (redisUrl === undefined || capacityBytes === 0) return new ConditioningTiers(memory, undefined, metrics);
  // The client of Redis takes memory, so it is loaded only where it is used.
  const { SharedConditioning } = await import('./shared-conditioning.js');
  const shared = new SharedConditioning({ redisUrl, capacityBytes, patienceMs }, log, metrics);
  return new ConditioningTiers(memory, shared, metrics);
}
