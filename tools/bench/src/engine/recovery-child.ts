/**
 * A worker for the benchmark to kill: makes one image, stores its checkpoints, and tells its parent of each step.
 *
 * Started by `fork` with advanced serialization; the first message is the {@link Task}.
 */
import { createHash } from 'node:crypto';
import { type DenoiseRequest, Denoiser, ModelFolder } from '@darkroom/onnx-pipeline';
import { LocalBlobStore } from '@darkroom/service-kit';

/** What the worker is to do. */
export interface Task {
  readonly folderPath: string;
  readonly threads: number;
  /** Folder of a blob store. */
  readonly storePath: string;
  readonly request: DenoiseRequest;
  /** Whether it goes on from the checkpoint that lies in the store. */
  readonly resume: boolean;
}

/** What the worker tells. */
export type News =
  | { readonly kind: 'resumed'; readonly step: number }
  /** `sinceMs`: milliseconds since the engine was asked. */
  | { readonly kind: 'step'; readonly step: number; readonly sinceMs: number }
  | { readonly kind: 'done'; readonly digest: string };

const key = 'checkpoint';
const tell = (news: News) => void process.send?.(news);

process.once('message', (task: Task) => void work(task));

async function work({ folderPath, threads, storePath, request, resume }: Task): Promise<void> {
  const store = new LocalBlobStore(storePath);
  const denoiser = await Denoiser.load(await ModelFolder.open(folderPath), { threads });
  const startMs = performance.now();
  const checkpoint = resume ? await store.get(key) : undefined;
  // One after another, so that an older one never replaces a newer.
  let stored = Promise.resolve();
  const { latents } = await denoiser.denoise(
    { ...request, resume: checkpoint },
    {
      onResume: (event) => tell({ kind: 'resumed', step: event.resumed ? event.step : 0 }),
      onStep: ({ step }) => tell({ kind: 'step', step, sinceMs: performance.now() - startMs }),
      onCheckpoint: ({ checkpoint: bytes }) => {
        stored = stored.then(() => store.put(key, bytes));
      },
    },
  );
  await stored;
  tell({
    kind: 'done',
    digest: createHash('sha256')
      .update(latents.data as Float32Array)
      .digest('hex'),
  });
  process.disconnect();
  await denoiser.close();
}
