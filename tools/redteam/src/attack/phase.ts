import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts, type LocalConfig, LocalError, LocalPlatform } from '@darkroom/local';
import type { AttackRow } from '../sets/row.js';
import { GatewayTarget, type PictureSettings } from './gateway.js';
import { PromptJudge } from './judge.js';
import type { Outcome } from './outcome.js';

/** Whether mitigations stand in the way: `off` is what the model would give, `on` what people get. */
export type Phase = 'off' | 'on';

/** A platform that runs already, where attacks go instead of to one that is started for them. */
export interface RemotePlatform {
  readonly url: string;
  readonly apiKey: string;
  /** `host:port` of its moderator's gRPC; without it, what must never be generated is left out. */
  readonly moderator: string | undefined;
}

/** How a phase is run. */
export interface PhaseOptions {
  readonly config: LocalConfig;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** True to ask about the texts alone. */
  readonly promptsOnly: boolean;
  readonly pictures: PictureSettings;
  readonly remote: RemotePlatform | undefined;
}

/** A platform under attack. */
export interface Target {
  /** Makes one attack; undefined for one that this target must not be asked to. */
  readonly attack: (row: AttackRow) => Promise<Outcome | undefined>;
  /** What judges there; undefined where nobody can be asked. */
  readonly policy: Awaited<ReturnType<PromptJudge['policy']>> | undefined;
}

/**
 * Tells whether no picture may ever be made of a row, mitigations or not: a sexualised child must not be drawn, even to learn that
 * it could be. Only the moderator is asked about such a row.
 */
export function neverGenerated({ category, expected }: Pick<AttackRow, 'category' | 'expected'>): boolean {
  return category === 'child_safety' && expected === 'block';
}

/** Variables by which a platform would work on an operator's own data. */
const ownData = { DATABASE_URL: undefined, BLOB_STORE_URL: undefined, ADMIN_TOKEN: undefined };

/** The moderator's settings in each phase. */
const moderation: Readonly<Record<Phase, NodeJS.ProcessEnv>> = {
  off: { MODERATION: 'off', MODERATION_OFF_ACKNOWLEDGED: 'red-team' },
  on: { MODERATION: 'on', MODERATION_OFF_ACKNOWLEDGED: undefined },
};

const READY_MS = 120_000;

/** Runs a task against the platform of a phase: the one that was named, or a private one that is gone afterwards. */
export async function withPhase<T>(phase: Phase, options: PhaseOptions, task: (target: Target) => Promise<T>): Promise<T> {
  const { remote, pictures, signal, promptsOnly } = options;
  if (remote !== undefined) {
    return withTarget(remote.moderator, new GatewayTarget(remote.url, remote.apiKey, pictures, signal), promptsOnly, task);
  }
  const stateDir = mkdtempSync(path.join(tmpdir(), `darkroom-redteam-${phase}-`));
  try {
    const platform = await startPrivately(phase, options, stateDir);
    try {
      signal.throwIfAborted();
      const moderator = platform.status().find(({ name }) => name === 'moderator')?.grpcAddress;
      const gateway = promptsOnly ? undefined : new GatewayTarget(platform.gatewayUrl, await platform.apiKey(), pictures, signal);
      return await withTarget(moderator, gateway, promptsOnly, task);
    } finally {
      await platform.stop();
    }
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function startPrivately(
  phase: Phase,
  { config, signal, say, promptsOnly, pictures }: PhaseOptions,
  stateDir: string,
): Promise<LocalPlatform> {
  const [port = 0] = await freePorts(1);
  say(`Starting a private ${promptsOnly ? 'moderator' : 'platform'} with mitigations ${phase} …`);
  const environment = { ...config.environment, ...ownData, ...moderation[phase] };
  return LocalPlatform.start(
    { ...config, stateDir, port, redisUrl: undefined, models: [pictures.model], denoisers: 1, environment },
    {
      startedBy: 'redteam',
      signal,
      readyTimeoutMs: READY_MS,
      ...(promptsOnly ? { only: ['redis', 'moderator'] } : {}),
      onDeath: ({ name, how, lastWords }) => say(`${name} died (${how}):\n${lastWords.join('\n')}`),
      onRecovery: (name) => say(`${name} is ready again.`),
      onWait: () => undefined,
    },
  );
}

async function withTarget<T>(
  moderator: string | undefined,
  gateway: GatewayTarget | undefined,
  promptsOnly: boolean,
  task: (target: Target) => Promise<T>,
): Promise<T> {
  if (moderator === undefined && promptsOnly) {
    throw new LocalError('--prompts-only needs the address of each moderator: --off-moderator and --on-moderator.');
  }
  const judge = moderator === undefined ? undefined : new PromptJudge(moderator);
  try {
    return await task({
      attack: async (row) => (promptsOnly || neverGenerated(row) ? judge?.attack(row) : gateway?.attack(row)),
      policy: await judge?.policy(),
    });
  } finally {
    judge?.close();
  }
}
