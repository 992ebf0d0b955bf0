import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

/** Milliseconds of processor time that a process has used, all its threads together; other work on the machine doesn't lengthen it. */
export function processorMs(pid: number | undefined): number {
  // Behind the name in brackets; see proc(5): fields 14 and 15 of the whole.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
