// Preloaded into every service (`node --import`): the service ends when its launcher does, even one that was killed with SIGKILL.
// The channel to the launcher carries nothing; the operating system closes it when the launcher dies.
import { isMainThread } from 'node:worker_threads';

/** How long a service may take for its graceful shutdown once its launcher is gone. */
const GRACE_MS = 12_000;

if (isMainThread && process.channel !== undefined) {
  process.channel.unref();
  process.once('disconnect', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
}
