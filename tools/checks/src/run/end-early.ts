import { endCommands } from './command.js';

/** Ends this process and all it started when it is told to, or when the one that started it has gone. */
export function endEarlyWhenTold(): void {
  const end = (): void => {
    endCommands();
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  // A bootstrap that stays beside this process holds a channel open that carries nothing, and closes when it dies, however it dies.
  process.once('disconnect', end);
  process.channel?.unref();
}
