import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'rolldown';

/** Name of the chunk that holds all packages. */
export const packages = 'packages';

/**
 * Lets modules believe that they still are where they were, so that they find what lies beside them, and stacks name lines of their sources.
 *
 * @param folder where the bundle will be.
 */
export function keepPlaces(folder: string): Plugin {
  return {
    name: 'keep-places',
    async load(id) {
      if (!id.endsWith('.js')) return undefined;
      const code = await readFile(id, 'utf8');
      if (id.includes('node_modules')) {
        if (/\.node['"`]/.test(code)) this.error(`${id} loads native code: its package belongs to what is external`);
        return { code };
      }
      const there = `new URL(${JSON.stringify(path.relative(folder, id))}, import.meta.url).href`;
      const map = JSON.parse(await readFile(`${id}.map`, 'utf8')) as { sources: string[] };
      map.sources = map.sources.map((source) => path.resolve(path.dirname(id), source));
      return { code: code.replaceAll('import.meta.url', there), map: JSON.stringify(map) };
    },
    generateBundle(_, output) {
      // Packages come without source maps; one of what was made of them would be the largest thing in memory.
      delete output[`${packages}.js.map`];
      for (const chunk of Object.values(output)) {
        if (chunk.type !== 'chunk') continue;
        if (chunk.name === packages) chunk.code = chunk.code.replace(/^\/\/# sourceMappingURL=.*$/m, '');
        chunk.code = asAscii(chunk.code);
      }
    },
  };
}

/** One character beyond Latin-1 would make V8 keep two bytes for each. */
function asAscii(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
