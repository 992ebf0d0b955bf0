import { Redis } from 'ioredis';

/** One key of a Redis: its value as DUMP gives it, in base64, and how long it was still to live; -1 for ever. */
interface DumpedKey {
  readonly key: string;
  readonly ttlMs: number;
  readonly value: string;
}

/** Reads all keys of a Redis, in the order of their names, one JSON object a line. */
export async function dumpRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const dumped: DumpedKey[] = [];
    for (const key of (await redis.keys('*')).sort()) {
      const value = await redis.dumpBuffer(key);
      // It expired while the others were read.
      if (value === null) continue;
      dumped.push({ key, ttlMs: await redis.pttl(key), value: value.toString('base64') });
    }
    return dumped.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  } finally {
    redis.disconnect();
  }
}

/** Gives an empty Redis the keys of a dump, which live on for as long as they had left. */
export async function loadRedis(url: string, dump: string): Promise<void> {
  const redis = new Redis(url);
  try {
    for (const line of dump.split('\n').filter((text) => text !== '')) {
      const { key, ttlMs, value } = JSON.parse(line) as DumpedKey;
      await redis.restore(key, Math.max(0, ttlMs), Buffer.from(value, 'base64'));
    }
  } finally {
    redis.disconnect();
  }
}
