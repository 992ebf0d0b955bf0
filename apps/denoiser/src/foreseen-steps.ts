import { bestRows, type PassTime, stepMs, type TimedWork } from '@darkroom/contracts';

/** Tenants take turns of about this length, as the engine lets none get further ahead of another. */
const TURN_MS = 1_000;

/** A generation that runs, as far as its steps go. */
export interface RunningSteps {
  readonly work: TimedWork;
  readonly tenantId: string;
  /** Rows of all its images together. */
  readonly rows: number;
  /** Steps of each image that are still to be made. */
  readonly left: number;
}

interface Entry extends RunningSteps {
  readonly index: number;
  readonly pixels: number;
  remaining: number;
}

/**
 * Foresees in how many milliseconds each generation will have made its steps, if no other one comes.
 *
 * It follows the engine's policy roughly: the tenant that had least is first, of it the generation that came first, and those of the same
 * size make their steps with that one as long as a batch gains by it.
 *
 * @param running in the order in which they came.
 * @returns milliseconds, in the same order.
 */
export function foreseeSteps(running: readonly RunningSteps[], passTimes: readonly PassTime[]): number[] {
  const finish = running.map(() => 0);
  const served = new Map<string, number>();
  let waiting: Entry[] = running
    .map((one, index) => ({ ...one, index, pixels: one.work.width * one.work.height, remaining: Math.ceil(one.left) }))
    .filter(({ remaining }) => remaining > 0);
  for (let now = 0; waiting.length > 0; ) {
    const company = nextCompany(waiting, served, passTimes);
    const rows = company.reduce((sum, one) => sum + one.rows, 0);
    const ms = stepMs((company[0] as Entry).work, rows, passTimes);
    const shortest = Math.min(...company.map(({ remaining }) => remaining));
    const isShared = new Set(waiting.map(({ tenantId }) => tenantId)).size > 1;
    const steps = isShared ? Math.min(shortest, Math.max(1, Math.ceil(TURN_MS / ms))) : shortest;
    now += steps * ms;
    for (const one of company) {
      one.remaining -= steps;
      served.set(one.tenantId, (served.get(one.tenantId) ?? 0) + steps * ms * (one.rows / rows));
      if (one.remaining <= 0) finish[one.index] = now;
    }
    waiting = waiting.filter(({ remaining }) => remaining > 0);
  }
  return finish;
}

/** Returns those that make the next steps together. */
function nextCompany(
  waiting: readonly Entry[],
  served: ReadonlyMap<string, number>,
  passTimes: readonly PassTime[],
): readonly Entry[] {
  const had = ({ tenantId }: Entry) => served.get(tenantId) ?? 0;
  const leader = waiting.reduce((first, one) => (had(one) < had(first) ? one : first));
  const most = bestRows(leader.work, passTimes);
  const company = [leader];
  let { rows } = leader;
  for (const one of waiting) {
    if (rows >= most) break;
    if (one === leader || one.pixels !== leader.pixels) continue;
    company.push(one);
    rows += one.rows;
  }
  return company;
}
