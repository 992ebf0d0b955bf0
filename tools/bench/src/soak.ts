import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GenerationBody } from '@darkroom/contracts/http';
import { freePorts, readRunRecord, residentBytes, type UsablePlatform, usePlatform } from '@darkroom/local';
import type { BenchContext, Benchmark } from './benchmark.js';
import { atMost, type Figure, plain } from './figures.js';
import { seededRandom } from './random.js';
import { audit } from './soak/audit.js';
import { unleash } from './soak/chaos.js';
import { type Submitted, Submitter } from './soak/load.js';

const GENERATIONS = 2_000;
/** Generations that are under way at a time. */
const IN_FLIGHT = 24;
/** The memory after this share of the generations is what the memory at the end is compared with. */
const WARM_UP = 0.25;

type Ended = Submitted & { readonly state: GenerationBody };

/** Sums the memory of the services that nobody kills. */
function steadyBytes(stateDir: string): number {
  const services = readRunRecord(stateDir)?.services.filter(({ name }) => !name.startsWith('denoiser-')) ?? [];
  return services.reduce((sum, { pid }) => sum + (pid === undefined ? 0 : (residentBytes(pid) ?? 0)), 0);
}

/** Submits all generations, a few at a time, and waits until each has ended. */
async function makeAll(context: BenchContext, platform: UsablePlatform, onEnd: (done: number) => void): Promise<Ended[]> {
  const submitter = new Submitter(platform, seededRandom(1));
  const ended: Ended[] = [];
  let begun = 0;
  const one = async () => {
    while (begun < GENERATIONS) {
      begun += 1;
      context.signal.throwIfAborted();
      const submitted = await submitter.submit();
      if (submitted === undefined) {
        begun -= 1;
        continue;
      }
      let state = await submitter.state(submitted.id);
      while (['queued', 'running', 'cancelling'].includes(state.status)) {
        await sleep(100);
        state = await submitter.state(submitted.id);
      }
      ended.push({ ...submitted, state });
      onEnd(ended.length);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  return ended;
}

async function soakOn(context: BenchContext, platform: UsablePlatform, stateDir: string): Promise<Figure[]> {
  const startedAt = performance.now();
  const over = new AbortController();
  const chaos = unleash(stateDir, seededRandom(2), over.signal);
  let warmBytes = 0;
  const ended = await makeAll(context, platform, (done) => {
    if (done === GENERATIONS * WARM_UP) warmBytes = steadyBytes(stateDir);
    if (done % 100 === 0) context.say(`${done}/${GENERATIONS} after ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const growth = (steadyBytes(stateDir) / warmBytes - 1) * 100;
  over.abort();
  const { kills, drains } = await chaos;
  const findings = await audit(platform, ended);
  const checkpoints = path.join(stateDir, 'blobs/checkpoints');
  const left = existsSync(checkpoints)
    ? readdirSync(checkpoints, { recursive: true }).filter((name) => String(name).endsWith('.bin')).length
    : 0;
  return [
    plain('generations', ended.length, ''),
    plain('time', seconds, 's'),
    plain('denoisers killed', kills, ''),
    plain('denoisers drained', drains, ''),
    ...[...findings.outcomes].map(([outcome, count]) => plain(`ended: ${outcome}`, count, '')),
    atMost('in no final state', findings.unfinished, '', 0),
    atMost('succeeded with another number of images', findings.wrongImages, '', 0),
    atMost('images unlike another of the same request', findings.differing, '', 0),
    atMost('charged wrongly', findings.wrongCharges, '', 0),
    atMost('checkpoints left behind', left, '', 0),
    atMost('growth of memory of the services that lived on', growth, '%', 10),
  ];
}

async function run(context: BenchContext): Promise<Figure[]> {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'darkroom-soak-'));
  const [port = 0] = await freePorts(1);
  const environment = { ...context.config.environment, LOG_LEVEL: 'info' };
  const config = { ...context.config, stateDir, port, models: ['pocket'], denoisers: 2, redisUrl: undefined, environment };
  try {
    return await usePlatform(config, { command: 'soak', signal: context.signal, say: context.say }, (platform) =>
      soakOn(context, platform, stateDir),
    );
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** Whether anything is lost or doubled when workers are killed and drained under load. */
export const soak: Benchmark = {
  name: 'soak',
  summary: '2,000 generations on two denoisers with random cancels, deadlines, kills and drains; about five minutes',
  run,
};
