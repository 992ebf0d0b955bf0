import { Readable } from 'node:stream';
import { type BlobStoreConfig, openBlobStore } from '@darkroom/service-kit';

/** A model's folder, wherever it is. */
export interface ModelFolder {
  /**
   * Opens a file by its slash-separated path; undefined when there is none.
   *
   * @throws {Error} Thrown when the folder can't be reached, which may be over at the next try.
   */
  open(file: string): Promise<Readable | undefined>;
  close(): Promise<void>;
}

/** Where S3 is, and with which key. */
export type S3Config = Omit<BlobStoreConfig, 'stateDir' | 'blobStoreUrl'>;

/** How long a server may take to begin its answer. */
const PATIENCE_MS = 30_000;

/** Opens a folder by its URL: `file:`, `s3:`, `http:` or `https:`. */
export async function openFolder(url: string, s3: S3Config): Promise<ModelFolder> {
  if (url.startsWith('http')) return new WebFolder(url);
  const store = await openBlobStore({ ...s3, stateDir: '', blobStoreUrl: url });
  return { open: (file) => store.stream(file), close: () => store.close() };
}

class WebFolder implements ModelFolder {
  private readonly url: string;

  constructor(url: string) {
    this.url = url.replace(/\/+$/, '');
  }

  async open(file: string): Promise<Readable | undefined> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), PATIENCE_MS);
    const response = await fetch(`${this.url}/${file}`, { signal: late.signal });
    // The answer has begun; how long a large file takes is another matter.
    clearTimeout(timer);
    if (response.ok && response.body !== null) return Readable.fromWeb(response.body as never);
    await response.body?.cancel();
    if (response.status === 404 || response.status === 410) return undefined;
    throw new Error(`${new URL(this.url).host} answered ${response.status}`);
  }

  async close(): Promise<void> {}
}
