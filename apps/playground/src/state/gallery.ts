import { createStore, del, entries, set } from 'idb-keyval';
import type { Settings } from './settings.js';

/** A picture that is kept in this browser. */
export interface KeptPicture {
  readonly id: string;
  readonly createdAt: number;
  readonly settings: Settings;
  readonly blob: Blob;
  /** Whether it is blurred until a reviewer has looked at it; absent where it is not. */
  readonly isBlurred?: boolean;
  readonly width: number;
  readonly height: number;
  /** The model that made it, with its digest. */
  readonly model: string;
  readonly modelDigest: string;
}

const store = createStore('darkroom-playground', 'pictures');

/** The pictures kept in this browser, so that they survive a reload; the newest first. */
export async function keptPictures(): Promise<KeptPicture[]> {
  const all = await entries<string, KeptPicture>(store);
  return all.map(([, picture]) => picture).sort((a, b) => b.createdAt - a.createdAt);
}

export async function keepPicture(picture: KeptPicture): Promise<void> {
  await set(picture.id, picture, store);
}

export async function forgetPicture(id: string): Promise<void> {
  await del(id, store);
}
