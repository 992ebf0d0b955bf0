import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { generatedFiles } from '@darkroom/openapi';
import { type Check, verdict } from '../run/check.js';

/** Checks that the OpenAPI document and the client's types are what the HTTP schemas say. */
export function openapiCheck(root: string): Check {
  return {
    name: 'the OpenAPI document and the client are in step',
    run: async () => {
      const stale = await staleFiles(root);
      return verdict(stale.length === 0, stale.join('\n'));
    },
  };
}

/** Names each committed file that is not what would be generated now. */
export async function staleFiles(root: string): Promise<readonly string[]> {
  const findings = (await generatedFiles()).map(async ({ path: name, text }) => {
    const found = await readFile(path.join(root, name), 'utf8').catch(() => undefined);
    return found === text ? [] : [`${name} is not what the HTTP schemas say; run \`npm run openapi\` and commit`];
  });
  return (await Promise.all(findings)).flat();
}
