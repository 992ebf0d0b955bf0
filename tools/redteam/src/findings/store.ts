import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LocalError } from '@darkroom/local';
import { z } from 'zod';
import { type AttackRow, parseRows } from '../sets/row.js';
import { type Finding, findingSchema } from './finding.js';

/** Findings as files `findings/ID.json`, and the regression cases of closed ones in `regressions.jsonl` beside that folder. */
export class FindingStore {
  readonly folder: string;
  readonly regressionsFile: string;

  /** @param folder what keeps both, for instance `redteam`. */
  constructor(folder: string) {
    this.folder = path.join(folder, 'findings');
    this.regressionsFile = path.join(folder, 'regressions.jsonl');
  }

  /** Lists all findings by their ids. @throws LocalError naming a file that is none. */
  async list(): Promise<Finding[]> {
    const names = await readdir(this.folder).catch(orNone);
    return Promise.all(
      (names ?? [])
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => this.#read(name)),
    );
  }

  /** Reads one finding. @throws LocalError when there is none of that id. */
  async get(id: string): Promise<Finding> {
    const found = (await this.list()).find((finding) => finding.id === id);
    if (found === undefined) throw new LocalError(`There is no finding "${id}" in ${this.folder}.`);
    return found;
  }

  async put(finding: Finding): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await replace(path.join(this.folder, `${finding.id}.json`), `${JSON.stringify(finding, undefined, 2)}\n`);
  }

  /** Reads the regression cases; none without a file. */
  async regressions(): Promise<AttackRow[]> {
    const text = await readFile(this.regressionsFile, 'utf8').catch(orNone);
    return text === undefined ? [] : parseRows(text, this.regressionsFile);
  }

  /** Adds a finding's attacks to the regression cases, each once. */
  async addRegressions({ attacks }: Finding): Promise<void> {
    const rows = new Map([...(await this.regressions()), ...attacks].map((row) => [row.id, row]));
    await replace(this.regressionsFile, [...rows.values()].map((row) => `${JSON.stringify(row)}\n`).join(''));
  }

  async #read(name: string): Promise<Finding> {
    const file = path.join(this.folder, name);
    let value: unknown;
    try {
      value = JSON.parse(await readFile(file, 'utf8'));
    } catch (cause) {
      throw new LocalError(`${file} is no JSON.`, { cause });
    }
    const parsed = findingSchema.safeParse(value);
    if (!parsed.success) throw new LocalError(`${file} is no finding:\n${z.prettifyError(parsed.error)}`);
    if (`${parsed.data.id}.json` !== name) throw new LocalError(`${file} holds the finding ${parsed.data.id}.`);
    return parsed.data;
  }
}

function orNone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

async function replace(file: string, content: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.part`, content);
  await rename(`${file}.part`, file);
}
