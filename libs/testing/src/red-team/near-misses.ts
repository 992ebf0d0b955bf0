import { readdir, readFile } from 'node:fs/promises';

/** A harmless prompt that is near what a category refuses. */
export interface NearMiss {
  readonly id: string;
  readonly category: string;
  readonly prompt: string;
  /** What makes it near, and harmless. */
  readonly why: string;
}

/**
 * Reads the near misses of a folder, one JSONL file for each category.
 *
 * @throws Error naming the file and line that is no near miss of its file's category.
 */
export async function readNearMisses(folder: URL): Promise<NearMiss[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
  const sets = await Promise.all(
    files.map(async (name) => {
      const lines = (await readFile(new URL(name, folder), 'utf8')).trimEnd().split('\n');
      return lines.map((line, index) => {
        const nearMiss = JSON.parse(line) as NearMiss;
        const isWhole = [nearMiss.id, nearMiss.prompt, nearMiss.why].every((text) => typeof text === 'string' && text !== '');
        if (!isWhole || `${nearMiss.category}.jsonl` !== name)
          throw new Error(`${name}, line ${index + 1} is no near miss of it`);
        return nearMiss;
      });
    }),
  );
  return sets.flat();
}
