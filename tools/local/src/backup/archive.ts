import { extract, pack } from 'tar-stream';

/** Files by their names. */
export type Files = ReadonlyMap<string, Buffer>;

/**
 * Reads all files of a tar archive.
 * @throws Error when it is no archive, or ends too early.
 */
export async function readArchive(bytes: Uint8Array): Promise<Files> {
  const archive = extract();
  archive.end(bytes);
  const files = new Map<string, Buffer>();
  for await (const entry of archive) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    files.set(entry.header.name, Buffer.concat(chunks));
  }
  return files;
}

/** Makes a tar archive of files, in their order, which only their owner may read once they are unpacked. */
export async function makeArchive(files: Files): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of files) archive.entry({ name, mode: 0o600 }, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
