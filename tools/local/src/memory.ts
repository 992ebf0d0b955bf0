import { readFileSync } from 'node:fs';

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Sums the resident memory of a process and all its descendants.
 * @returns bytes; undefined where the system has no /proc, since a guess would be worse.
 */
export function residentBytes(pid: number): number | undefined {
  const own = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`));
  if (own === null) return undefined;
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(/\s+/).filter(Boolean);
  return children.reduce((sum, child) => sum + (residentBytes(Number(child)) ?? 0), Number(own[1]) * 1024);
}
