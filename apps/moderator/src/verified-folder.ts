import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PipelineError } from '@darkroom/onnx-pipeline';
import { z } from 'zod';

const digestsSchema = z.object({ files: z.record(z.string(), z.string().regex(/^sha256:[0-9a-f]{64}$/)) });

/** A classifier's folder whose files are what its `digests.json` says. */
export class VerifiedFolder {
  /** Digest of `digests.json`, and so of the whole classifier. */
  readonly digest: string;
  readonly #path: string;
  readonly #what: string;
  readonly #content: ReadonlyMap<string, Buffer>;

  private constructor(path: string, what: string, digest: string, content: ReadonlyMap<string, Buffer>) {
    this.#path = path;
    this.#what = what;
    this.digest = digest;
    this.#content = content;
  }

  /**
   * Reads a folder and checks all its files.
   *
   * @param what names the classifier in errors, for instance "image classifier".
   * @param needed files that must be there, whatever `digests.json` lists.
   * @throws PipelineError `model_damaged` naming each file that is missing or altered, with both digests.
   */
  static async open(path: string, what: string, needed: readonly string[]): Promise<VerifiedFolder> {
    const digestBytes = await read(path, what, 'digests.json');
    const { files } = parse(digestsSchema, digestBytes, what, 'digests.json');
    const content = new Map<string, Buffer>();
    const findings: string[] = [];
    for (const file of new Set([...needed, ...Object.keys(files)])) {
      const bytes = await read(path, what, file);
      const actual = sha256(bytes);
      const expected = files[file];
      if (expected === undefined) findings.push(`${file} has no digest in digests.json`);
      else if (actual !== expected) findings.push(`${file} should be ${expected} but is ${actual}`);
      content.set(file, bytes);
    }
    if (findings.length > 0) throw PipelineError.modelDamaged(`the ${what} is damaged: ${findings.join('; ')}`);
    return new VerifiedFolder(path, what, sha256(digestBytes), content);
  }

  /** Where a file lies. */
  pathOf(file: string): string {
    return join(this.#path, file);
  }

  /**
   * Gives the content of a JSON file, as it was when it was verified.
   *
   * @throws PipelineError `model_damaged` naming each field that is wrong.
   */
  json<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> {
    const bytes = this.#content.get(file);
    if (bytes === undefined)
      throw PipelineError.modelDamaged(`the ${this.#what} needs ${file}, which digests.json does not list`);
    return parse(schema, bytes, this.#what, file);
  }
}

async function read(path: string, what: string, file: string): Promise<Buffer> {
  try {
    return await readFile(join(path, file));
  } catch (error) {
    throw PipelineError.modelDamaged(`the ${what} has no readable ${file}`, error);
  }
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Buffer | undefined,
  what: string,
  file: string,
): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(String(bytes)));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw PipelineError.modelDamaged(`the ${what}'s ${file} is malformed: ${reason}`, error);
  }
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
