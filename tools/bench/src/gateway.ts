import autocannon from 'autocannon';
import type { BenchContext, Benchmark } from './benchmark.js';
import { atLeast, below, type Figure, median, plain } from './figures.js';
import { openStreams } from './gateway/event-streams.js';
import { GatewayProcess } from './gateway/gateway-process.js';
import { prompts } from './prompts.js';

const MODEL = 'pocket';
const RATE = 500;
const ROUNDS = 3;
const SECONDS = 10;
const STREAMS = 1_000;
/** What one machine's database is asked to journal, beside the queue. */
const JOURNALLED_RATE = 100;

const headersOf = ({ secret }: GatewayProcess) => ({ authorization: `Bearer ${secret}`, 'content-type': 'application/json' });

/** Submits jobs for some seconds, at a rate or as fast as they are answered. */
async function submit(gateway: GatewayProcess, seconds: number, rate?: number): Promise<autocannon.Result> {
  const requests = prompts.map((prompt) => ({ body: JSON.stringify({ prompt, size: '64x64', steps: 1, guidance_scale: 1 }) }));
  const result = await autocannon({
    url: `${gateway.url}/v1/generations`,
    method: 'POST',
    headers: headersOf(gateway),
    requests,
    connections: 32,
    duration: seconds,
    // Latencies are counted from when a request was due, not from when it could be sent.
    ...(rate !== undefined && { overallRate: rate }),
  });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`${failed} of ${result.requests.total} submissions were not accepted`);
  return result;
}

async function submissions({ config, say, signal }: BenchContext): Promise<Figure[]> {
  const gateway = await GatewayProcess.start(config, MODEL);
  try {
    await submit(gateway, 5, RATE / 2);
    const rounds: { rate: number; p50: number; p99: number; processorMs: number }[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      signal.throwIfAborted();
      const before = gateway.processorMs;
      const { requests, latency, duration } = await submit(gateway, SECONDS, RATE);
      const processorMs = (gateway.processorMs - before) / requests.total;
      rounds.push({ rate: requests.total / duration, p50: latency.p50, p99: latency.p99, processorMs });
      say(`${RATE}/s, round ${round}/${ROUNDS}: p50 ${latency.p50} ms, p99 ${latency.p99} ms`);
    }
    const { requests, duration } = await submit(gateway, SECONDS);
    const of = (name: keyof (typeof rounds)[number]) => median(rounds.map((round) => round[name]));
    return [
      atLeast(`submissions when ${RATE} a second are due, median of ${ROUNDS}`, of('rate'), '/s', 0.99 * RATE),
      plain('their time from due to answered, p50', of('p50'), 'ms'),
      below('their time from due to answered, p99', of('p99'), 'ms', 50),
      plain("the gateway's processor time of each", of('processorMs'), 'ms'),
      plain('submissions as fast as they are answered', requests.total / duration, '/s'),
      plain('resident memory after all of them', gateway.residentBytes / 2 ** 20, 'MiB'),
    ];
  } finally {
    gateway.stop();
  }
}

/** The same with the real control plane, whose embedded database journals each generation before it is queued. */
async function journalled({ config, say }: BenchContext): Promise<Figure[]> {
  const gateway = await GatewayProcess.start(config, MODEL, true);
  try {
    await submit(gateway, 3, JOURNALLED_RATE);
    say(`${JOURNALLED_RATE}/s with the real control plane`);
    const { latency } = await submit(gateway, SECONDS, JOURNALLED_RATE);
    const { requests, duration } = await submit(gateway, SECONDS);
    return [
      plain(`with the real control plane, when ${JOURNALLED_RATE} a second are due: p50`, latency.p50, 'ms'),
      plain('the same, p99', latency.p99, 'ms'),
      plain('submissions as fast as they are answered, with the real control plane', requests.total / duration, '/s'),
    ];
  } finally {
    gateway.stop();
  }
}

async function streams({ config, say }: BenchContext): Promise<Figure[]> {
  const gateway = await GatewayProcess.start(config, MODEL);
  try {
    const readyBytes = gateway.residentBytes;
    say(`opening ${STREAMS} streams of events`);
    const { residentBytes, deliveryMs } = await openStreams(gateway, headersOf(gateway), STREAMS);
    return [
      plain('resident memory when ready', readyBytes / 2 ** 20, 'MiB'),
      below(`resident memory with ${STREAMS} streams of events open`, residentBytes / 2 ** 20, 'MiB', 300),
      plain(`time until an event of each was in all ${STREAMS} streams`, deliveryMs, 'ms'),
    ];
  } finally {
    gateway.stop();
  }
}

async function run(context: BenchContext): Promise<Figure[]> {
  return [...(await submissions(context)), ...(await journalled(context)), ...(await streams(context))];
}

/** What the gateway bears: submissions a second, and streams of events at a time. */
export const gatewayBenchmark: Benchmark = {
  name: 'gateway',
  summary:
    'submissions a second and open event streams of one gateway, with a real Redis and neighbours that answer at once, and with the real control plane',
  run,
};
