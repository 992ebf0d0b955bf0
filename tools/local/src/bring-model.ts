import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { type LocalConfig, LocalError } from './config.js';

/** A model to bring, as the user named it. */
export interface WantedModel {
  /** A folder, or a URL that the fetcher understands. */
  readonly from: string;
  /** By which services will know it; the source's last part unless given. */
  readonly model: string | undefined;
  /** Of its `digests.json`; read from a folder unless given. */
  readonly digest: string | undefined;
}

/** A model that is in the models folder, every file as its digests say. */
export interface BroughtModel {
  readonly name: string;
  readonly digest: string;
  readonly source: string;
}

type Places = Pick<LocalConfig, 'root' | 'stateDir' | 'modelsDir' | 'workingDir' | 'environment'>;

/**
 * Has the fetcher check a model file by file and put it into the models folder; one that lies there already is only checked.
 *
 * @throws {LocalError} Thrown when a file is missing or not what its digest says, when the source can't be reached, and when another model
 *   lies there by that name.
 */
export async function bringModel(places: Places, { from, model, digest }: WantedModel): Promise<BroughtModel> {
  const isUrl = /^[a-z0-9]+:\/\//.test(from);
  const folder = isUrl ? undefined : path.resolve(places.workingDir, from);
  const source = folder === undefined ? from : pathToFileURL(folder).href;
  const name = model ?? path.posix.basename(new URL(source).pathname);
  const wanted = { name, digest: digest ?? (await digestOf(folder)), source };
  if (folder !== undefined && (await liesThere(places.modelsDir, name, folder))) {
    await mkdir(places.stateDir, { recursive: true });
    const aside = await mkdtemp(path.join(places.stateDir, 'checked-model-'));
    try {
      await fetchModel(places, wanted, { modelsDir: aside, isInPlace: true });
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  } else {
    await fetchModel(places, wanted, { modelsDir: places.modelsDir, isInPlace: false });
  }
  return wanted;
}

async function digestOf(folder: string | undefined): Promise<string> {
  if (folder === undefined) throw new LocalError('A model at a URL needs --digest sha256:…, the SHA-256 of its digests.json.');
  const bytes = await readFile(path.join(folder, 'digests.json')).catch((cause: unknown) => {
    throw new LocalError(`${folder} is no model that can be checked: it has no digests.json.`, { cause });
  });
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Tells whether a folder is what the models folder has by a name. @throws {LocalError} Thrown when that is a folder of its own. */
async function liesThere(modelsDir: string, name: string, folder: string): Promise<boolean> {
  const place = path.join(modelsDir, name);
  const found = await lstat(place).catch(() => undefined);
  if (found === undefined) return false;
  if ((await realpath(place)) === (await realpath(folder))) return true;
  if (found.isSymbolicLink()) return false;
  throw new LocalError(`${place} is another model, which is not replaced: a revision gets a name of its own, with --name.`);
}

async function fetchModel(
  { root, stateDir, environment }: Places,
  { name, digest, source }: BroughtModel,
  { modelsDir, isInPlace }: { readonly modelsDir: string; readonly isInPlace: boolean },
): Promise<void> {
  const child = spawn(process.execPath, [path.join(root, 'apps/model-fetcher/dist/main.js')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...environment,
      MODEL_SOURCES: JSON.stringify([{ name, from: source, digest, in_place: isInPlace }]),
      MODELS_DIR: modelsDir,
      MODEL_CACHE_DIR: path.join(stateDir, 'models'),
    },
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [output, problems, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (status !== 0) throw new LocalError(`The model was not brought:\n${lastError(output) ?? problems.trim()}`);
}

/** Takes the message of the error out of the fetcher's log. */
function lastError(log: string): string | undefined {
  const lines = log.split('\n').filter((line) => line.startsWith('{'));
  const entries = lines.map((line) => JSON.parse(line) as { readonly error?: { readonly message?: string } });
  return entries.findLast(({ error }) => error?.message !== undefined)?.error?.message;
}
