import type { Benchmark } from './benchmark.js';
import { drawRounds } from './gateway-kills/plan.js';
import { runTrial } from './gateway-kills/trial.js';
import { seededRandom } from './random.js';
import { ServiceKiller } from './service-killer.js';

const REQUESTS = 200;
const KILLS = 25;

/** Whether anything that a client was told is lost, doubled or charged wrongly when gateways are killed under load. */
export const gatewayKills: Benchmark = {
  name: 'gateway-kills',
  summary:
    '200 random requests while the gateway is killed 25 times; then all that clients were told is checked; about five minutes',
  options: ['requests', 'kills', 'seed'],
  run: async (context) => {
    const { requests = REQUESTS, kills = KILLS, seed = 1 } = context.numbers;
    context.say(`seed ${seed}`);
    return await runTrial(context, {
      name: 'gateway-kills',
      rounds: drawRounds(seededRandom(seed), requests, kills),
      victims: (stateDir, signal) => [{ label: 'gateway', killer: new ServiceKiller(stateDir, 'gateway', signal) }],
    });
  },
};
