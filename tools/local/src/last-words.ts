/** Shape of the pino lines that services write to standard error. */
interface LogLine {
  readonly level?: number;
  readonly msg?: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
}

const LEVELS: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** Makes one line of a service's output readable: JSON log lines become level, message and error; others stay as they are. */
export function readableLine(line: string): string {
  if (!line.startsWith('{')) return line;
  let entry: LogLine;
  try {
    entry = JSON.parse(line) as LogLine;
  } catch {
    return line;
  }
  if (entry.msg === undefined && entry.err === undefined) return line;
  const level = LEVELS[entry.level ?? 30] ?? 'info';
  const error = entry.err?.message !== undefined && entry.err.message !== entry.msg ? `: ${entry.err.message}` : '';
  return `${level} ${entry.msg ?? ''}${error}`;
}

/** Keeps the last lines of a stream of text chunks. */
export class LastWords {
  readonly #limit: number;
  #lines: string[] = [];
  #rest = '';

  constructor(limit = 12) {
    this.#limit = limit;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-4096);
    const kept = lines.filter((line) => line.trim() !== '');
    this.#lines = [...this.#lines, ...kept].slice(-this.#limit);
  }

  /** The kept lines in readable form, oldest first. */
  lines(): string[] {
    return [...this.#lines, this.#rest].filter((line) => line.trim() !== '').map(readableLine);
  }
}
