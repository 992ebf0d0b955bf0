import path from 'node:path';

/** The repository's root folder. */
export const workspaceRoot = path.resolve(import.meta.dirname, '../../..');
