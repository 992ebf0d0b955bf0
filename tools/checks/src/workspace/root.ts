import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the whole repository; the same from `src` and from `dist`. */
export const workspaceRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');
