import type { Benchmark } from './benchmark.js';
import { conditioning } from './conditioning.js';
import { encode } from './encode.js';
import { engine } from './engine.js';
import { firstBlock } from './first-block.js';
import { forecast } from './forecast.js';
import { gatewayBenchmark } from './gateway.js';
import { gatewayKills } from './gateway-kills.js';
import { models } from './models.js';
import { moderation } from './moderation.js';
import { moderationFaults } from './moderation-faults.js';
import { overhead } from './overhead.js';
import { provenance } from './provenance/index.js';
import { serviceKills } from './service-kills.js';
import { soak } from './soak.js';
import { startup } from './startup.js';
import { vae } from './vae.js';

/** Every benchmark that can be run by its name; a new one is a file and a line here. */
export const benchmarks: readonly Benchmark[] = [
  overhead,
  models,
  startup,
  encode,
  conditioning,
  engine,
  firstBlock,
  vae,
  forecast,
  gatewayBenchmark,
  gatewayKills,
  moderation,
  moderationFaults,
  provenance,
  serviceKills,
  soak,
];
