import { LocalError } from './config.js';
import { isStopReason } from './stop-signal.js';

/** Exit status of a command that Ctrl-C ended, as shells have it. */
export const INTERRUPTED = 130;

/** Runs a command's main function; an error of the user's prints its message alone, any other its stack. */
export async function runCommand(main: () => Promise<number>): Promise<void> {
  // A closed terminal or pipe must not keep a command from stopping in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    process.exitCode = await main();
  } catch (error) {
    if (isStopReason(error)) {
      process.stderr.write('\nInterrupted.\n');
      process.exitCode = INTERRUPTED;
      return;
    }
    // parseArgs complains with a TypeError whose message suits the user.
    const usage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    const text = error instanceof LocalError || usage ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  }
}
