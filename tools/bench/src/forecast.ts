import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts, type UsablePlatform, usePlatform } from '@darkroom/local';
import type { BenchContext, Benchmark } from './benchmark.js';
import { percentile } from './engine/statistics.js';
import { atMost, type Figure, median, plain } from './figures.js';
import { drawBody, type WatchedGeneration, watchBurst } from './forecast/burst.js';
import { atAdmission, type ForecastError, halfway } from './forecast/errors.js';
import { type Refusal, waitOut } from './forecast/retry-after.js';
import { seededRandom } from './random.js';

const MODEL = 'pocket';
/** More than a denoiser takes at a time, so that some wait; and few, which it takes at once. */
const BURSTS = [30, 6, 30, 6, 30, 6];
const REFUSALS = 5;
/** Refused from here on, so that a refusal can be had soon. */
const QUEUE_SECONDS = 12;

/** Figures of one set of forecasts. */
function errorFigures(name: string, errors: readonly ForecastError[]): Figure[] {
  const shares = errors.map(({ share }) => share * 100);
  return [
    atMost(`error ${name}, of the time left, median`, median(shares), '%', 25),
    plain(`error ${name}, p90`, percentile(shares, 0.9), '%'),
    plain(`too late ${name}, median`, median(errors.map(({ late }) => late)), 's'),
    plain(`time left ${name}, median`, median(errors.map(({ left }) => left)), 's'),
  ];
}

/** A burst is drawn from its own seed, so that the same ones can be made again. */
async function bursts({ say, signal }: BenchContext, platform: UsablePlatform): Promise<WatchedGeneration[]> {
  const client = { gatewayUrl: platform.gatewayUrl, secret: platform.apiKey };
  const watched: WatchedGeneration[] = [];
  // What passes take is measured while there are some: the first burst only teaches that.
  for (const [index, size] of [BURSTS[0] as number, ...BURSTS].entries()) {
    signal.throwIfAborted();
    const random = seededRandom(index + 1);
    const burst = await watchBurst(
      client,
      Array.from({ length: size }, () => drawBody(random, MODEL)),
    );
    if (index > 0) watched.push(...burst);
    say(`burst ${index} of ${BURSTS.length}: ${size} generations`);
  }
  return watched;
}

async function refusals({ say, signal }: BenchContext, platform: UsablePlatform): Promise<Refusal[]> {
  const client = { gatewayUrl: platform.gatewayUrl, secret: platform.apiKey };
  const body = { model: MODEL, prompt: 'a red apple', size: '256x256', steps: 20, n: 2 };
  const all: Refusal[] = [];
  for (let index = 0; index < REFUSALS; index += 1) {
    signal.throwIfAborted();
    const refusal = await waitOut(client, body);
    all.push(refusal);
    say(`refused, Retry-After ${refusal.told} s; let in after ${refusal.waited.toFixed(1)} s`);
  }
  return all;
}

async function onPlatform<Result>(
  { config, signal, say }: BenchContext,
  environment: NodeJS.ProcessEnv,
  task: (platform: UsablePlatform) => Promise<Result>,
): Promise<Result> {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'darkroom-bench-'));
  const [port = 0] = await freePorts(1);
  const own = { ...config, stateDir, port, redisUrl: undefined, models: [MODEL] };
  try {
    const started = { ...own, environment: { ...config.environment, ...environment } };
    return await usePlatform(started, { command: 'forecast', signal, say }, task);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function run(context: BenchContext): Promise<Figure[]> {
  const watched = await onPlatform(context, {}, (platform) => bursts(context, platform));
  const refused = await onPlatform(context, { QUEUE_LIMIT_SECONDS: String(QUEUE_SECONDS) }, (platform) =>
    refusals(context, platform),
  );
  const isError = (error: ForecastError | undefined) => error !== undefined;
  const late = refused.map(({ told, waited }) => told - waited);
  return [
    plain('generations', watched.length, ''),
    ...errorFigures('at admission', watched.map(atAdmission).filter(isError)),
    ...errorFigures('halfway', watched.map(halfway).filter(isError)),
    plain('refusals', refused.length, ''),
    plain('Retry-After, median', median(refused.map(({ told }) => told)), 's'),
    plain('Retry-After longer than the wait, median', median(late), 's'),
    plain('Retry-After longer than the wait, least', Math.min(...late), 's'),
    plain('Retry-After longer than the wait, most', Math.max(...late), 's'),
  ];
}

/** How true the platform's forecasts are: when a generation is done, and when to ask again. */
export const forecast: Benchmark = {
  name: 'forecast',
  summary: 'how true expected_finish and Retry-After are, in bursts of mixed generations; about four minutes',
  run,
};
