import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Reads the API key of a state folder; undefined as long as there is none. */
export function apiKeyOf(stateDir: string): string | undefined {
  const file = path.join(stateDir, 'api-key');
  if (!existsSync(file)) return undefined;
  return readFileSync(file, 'utf8').trim() || undefined;
}
