import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Benchmark } from './benchmark.js';
import { drawRounds, type PlannedRequest } from './gateway-kills/plan.js';
import { runTrial, type Victim } from './gateway-kills/trial.js';
import { seededRandom } from './random.js';
import { ServiceKiller } from './service-killer.js';

const REQUESTS = 160;
const KILLS = 16;
const SERVICES = ['gateway', 'control-plane', 'moderator', 'prompt-encoder', 'denoiser-pocket', 'vae-decoder', 'redis'];

function victims(stateDir: string, signal: AbortSignal): Victim[] {
  const loseDisk = () => rmSync(path.join(stateDir, 'redis/appendonlydir'), { recursive: true, force: true });
  return [
    ...SERVICES.map((name) => ({ label: name, killer: new ServiceKiller(stateDir, name, signal) })),
    { label: 'redis, and its disk with it', killer: new ServiceKiller(stateDir, 'redis', signal, loseDisk) },
  ];
}

/** What a generation was made of is not kept when Redis has lost it, so none can be counted on to be made again. */
function withoutReplay(planned: PlannedRequest): PlannedRequest {
  return planned.kind === 'replay' ? { ...planned, kind: 'job' } : planned;
}

/** Whether anything that a client was told is lost, doubled or charged wrongly when each service is killed in turn under load. */
export const serviceKills: Benchmark = {
  name: 'service-kills',
  summary:
    '160 random requests while each service is killed twice, Redis with and without its disk; then all that clients were told is checked; about five minutes',
  options: ['requests', 'kills', 'seed'],
  run: async (context) => {
    const { requests = REQUESTS, kills = KILLS, seed = 1 } = context.numbers;
    context.say(`seed ${seed}`);
    const rounds = drawRounds(seededRandom(seed), requests, kills).map((round) => ({
      ...round,
      requests: round.requests.map(withoutReplay),
    }));
    return await runTrial(context, { name: 'service-kills', rounds, victims });
  },
};
