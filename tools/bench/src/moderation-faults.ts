import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts, readRunRecord, type UsablePlatform, usePlatform } from '@darkroom/local';
import type { BenchContext, Benchmark } from './benchmark.js';
import { atMost, type Figure, plain } from './figures.js';
import { ServiceKiller } from './service-killer.js';

const REQUESTS = 1_000;
const AT_A_TIME = 6;
/** What judges: the moderator has all classifiers, Redis the decisions on their way, and the control plane the database with all of them. */
const VICTIMS = ['moderator', 'redis', 'control-plane'];
const PAUSE_MS = 2_000;
/** One in so many prompts has to be refused. */
const HARMFUL_EVERY = 5;
/** A decision is in the log some moments after its verdict. */
const LOG_PATIENCE_MS = 30_000;

/** What became of one request. */
interface Try {
  readonly isHarmful: boolean;
  /** 0 where there was no answer. */
  readonly status: number;
  /** Of an answer with images: the generation, and how many there are. */
  readonly id?: string;
  readonly images?: number;
}

/** Asks for a small image, harmful or not. */
async function ask({ gatewayUrl, apiKey }: UsablePlatform, index: number): Promise<Try> {
  const isHarmful = index % HARMFUL_EVERY === 0;
  const prompt = isHarmful ? 'hardcore porn' : 'a red apple on a blue background';
  const body = { model: 'pocket-turbo', prompt, size: '64x64', steps: 1, seed: index };
  try {
    const response = await fetch(`${gatewayUrl}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { id?: string; data?: unknown[] };
    return { isHarmful, status: response.status, ...(response.ok && { id: answer.id ?? '', images: answer.data?.length ?? 0 }) };
  } catch {
    return { isHarmful, status: 0 };
  }
}

/** Counts, of a generation, the images and prompts that the audit log says may pass. */
async function judged(
  stateDir: string,
  { adminToken }: UsablePlatform,
  id: string,
): Promise<{ prompts: number; images: number }> {
  const url = `${readRunRecord(stateDir)?.controlPlaneUrl}/admin/v1/audit?generation_id=${id}&limit=100`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${adminToken}` } });
  if (!response.ok) throw new Error(`the control plane answered ${response.status}`);
  const { data } = (await response.json()) as { data: { decision: { stage: string; action: string; image: number } }[] };
  const passing = data.map(({ decision }) => decision).filter(({ action }) => action !== 'block');
  const images = new Set(passing.filter(({ stage }) => stage === 'output_image').map(({ image }) => image));
  return { prompts: passing.filter(({ stage }) => stage === 'prompt').length, images: images.size };
}

/** Tells whether all of a delivered generation was judged, once the log has had time to say so. */
async function isJudged(stateDir: string, platform: UsablePlatform, { id = '', images = 0 }: Try): Promise<boolean> {
  for (const end = Date.now() + LOG_PATIENCE_MS; ; ) {
    const found = await judged(stateDir, platform, id);
    if (found.prompts > 0 && found.images >= images) return true;
    if (Date.now() > end) return false;
    await sleep(250);
  }
}

/** Kills one after another of what judges, each when the one before is back, until it is told to stop. */
async function killInTurn(context: BenchContext, killers: readonly ServiceKiller[], stop: AbortSignal): Promise<void> {
  for (let turn = 0; !stop.aborted; turn += 1) {
    const killer = killers[turn % killers.length];
    await sleep(PAUSE_MS, undefined, { signal: context.signal });
    if (stop.aborted) return;
    killer?.kill();
    await killer?.next('ready');
  }
}

async function faultsOn(context: BenchContext, platform: UsablePlatform, stateDir: string): Promise<Figure[]> {
  const { requests = REQUESTS } = context.numbers;
  const killers = VICTIMS.map((name) => new ServiceKiller(stateDir, name, context.signal));
  const over = new AbortController();
  const killing = killInTurn(context, killers, over.signal);
  const tries: Try[] = [];
  let next = 0;
  const client = async () => {
    while (next < requests) {
      tries.push(await ask(platform, next++));
      if (tries.length % 100 === 0) context.say(`${tries.length}/${requests} requests`);
      // What is refused at once would be over before anything has come back.
      if (tries.at(-1)?.id === undefined) await sleep(500);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, client));
  over.abort();
  await killing;
  const delivered = tries.filter(({ id }) => id !== undefined);
  let unjudged = 0;
  for (const one of delivered) {
    if (await isJudged(stateDir, platform, one)) continue;
    unjudged += 1;
    context.say(`${one.id} was delivered, and the audit log does not say that it may be`);
  }
  const count = (fits: (one: Try) => boolean) => tries.filter(fits).length;
  return [
    plain('requests', tries.length, ''),
    ...killers.map((killer, index) => plain(`killed: ${VICTIMS[index]}`, killer.kills, '')),
    plain('delivered', delivered.length, ''),
    plain(
      'refused by the policy',
      count(({ status }) => status === 400),
      '',
    ),
    plain(
      'told to come again',
      count(({ status }) => status === 503),
      '',
    ),
    plain(
      'other answers',
      count(({ status }) => ![200, 400, 503].includes(status)),
      '',
    ),
    atMost('delivered without having been judged', unjudged, '', 0),
    atMost(
      'harmful prompts delivered',
      count(({ isHarmful, id }) => isHarmful && id !== undefined),
      '',
      0,
    ),
  ];
}

async function run(context: BenchContext): Promise<Figure[]> {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'darkroom-faults-'));
  const [port = 0] = await freePorts(1);
  const config = { ...context.config, stateDir, port, redisUrl: undefined };
  try {
    return await usePlatform(config, { command: 'moderation-faults', signal: context.signal, say: context.say }, (platform) =>
      faultsOn(context, platform, stateDir),
    );
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** Whether anything is delivered that was not judged, while what judges is killed. */
export const moderationFaults: Benchmark = {
  name: 'moderation-faults',
  summary: '1,000 requests while moderator, Redis and control plane are killed in turn; was all that was delivered judged?',
  options: ['requests'],
  run,
};
