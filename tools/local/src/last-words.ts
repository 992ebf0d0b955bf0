/** Shape of the JSON lines that services log (service-kit's Log). */
interface LogLine {
  readonly level?: string;
  readonly message?: string;
  readonly error?: { readonly message?: string };
}

/** Makes one line of a service's output readable: JSON log lines become level, message and error; others stay as they are. */
export function readableLine(line: string): string {
  if (!line.startsWith('{')) return line;
  let entry: LogLine;
  try {
    entry = JSON.parse(line) as LogLine;
  } catch {
    return line;
  }
  if (entry.message === undefined) return line;
  const error = entry.error?.message;
  return `${entry.level ?? 'info'} ${entry.message}${error === undefined || error === entry.message ? '' : `: ${error}`}`;
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
