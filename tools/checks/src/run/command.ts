import { spawn } from 'node:child_process';

/** How a command is run. */
export interface CommandOptions {
  readonly cwd: string;
  /** Variables added to this process' own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which the command and its children are killed. */
  readonly timeoutMs: number;
}

/** How a command ended. */
export interface CommandResult {
  /** Exit status; -1 when it could not start or was killed. */
  readonly code: number;
  /** Standard output and standard error, as they came. */
  readonly output: string;
  /** Standard output alone. */
  readonly stdout: string;
}

// Each command leads a process group of its own, so that nothing it started stays behind when this process must go.
const running = new Set<number>();

/** Ends every command that runs, and all that they started. */
export function endCommands(): void {
  for (const pid of running) killGroup(pid, 'SIGTERM');
}

/** Runs a command to its end and collects what it says; a failure is a result, never thrown. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const { pid } = child;
    let output = '';
    let stdout = '';
    if (pid !== undefined) running.add(pid);
    const timer = setTimeout(() => {
      output += `\nkilled after ${Math.round(options.timeoutMs / 1000)} s\n`;
      if (pid !== undefined) killGroup(pid, 'SIGKILL');
    }, options.timeoutMs);
    const finish = (code: number): void => {
      clearTimeout(timer);
      if (pid !== undefined) running.delete(pid);
      resolve({ code, output, stdout });
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', (error) => {
      output += error.message;
      finish(-1);
    });
    child.once('close', (code) => finish(code ?? -1));
  });
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}
