import { setTimeout as sleep } from 'node:timers/promises';
import { readRunRecord } from '@darkroom/local';

/** What was done to the denoisers. */
export interface Chaos {
  readonly kills: number;
  readonly drains: number;
}

/** Milliseconds between two blows, at least and at most. */
const pauseMs = [4_000, 9_000] as const;

/** Kills or drains one of the denoisers, again and again, until the signal aborts; the launcher starts each anew. */
export async function unleash(stateDir: string, random: () => number, signal: AbortSignal): Promise<Chaos> {
  let kills = 0;
  let drains = 0;
  for (;;) {
    const aborted = await sleep(pauseMs[0] + random() * (pauseMs[1] - pauseMs[0]), false, { signal }).catch(() => true);
    if (aborted) return { kills, drains };
    const running = readRunRecord(stateDir)?.services.filter(({ name, pid }) => name.startsWith('denoiser-') && pid) ?? [];
    const victim = running[Math.floor(random() * running.length)]?.pid;
    if (victim === undefined) continue;
    const isKill = random() < 0.5;
    try {
      process.kill(victim, isKill ? 'SIGKILL' : 'SIGTERM');
      if (isKill) kills += 1;
      else drains += 1;
    } catch {
      // It ended by itself between the look and the blow.
    }
  }
}
