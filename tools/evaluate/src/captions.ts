import { readFile } from 'node:fs/promises';

/** The kinds of caption, in the order of every table. */
export const kinds = ['object', 'background', 'shape', 'pair', 'count'] as const;

/** A kind of caption: one object, one on a background, a coloured shape on a background, two in a relation, several of a kind. */
export type Kind = (typeof kinds)[number];

/** What a caption asks for or a picture shows; null where it asks for nothing. "First" is the left or upper subject. */
export interface Facts {
  readonly first: string;
  readonly firstColour: string | null;
  readonly second: string | null;
  readonly secondColour: string | null;
  /** "single", "horizontal", "vertical", or "count2" to "count5". */
  readonly layout: string;
  readonly background: string | null;
}

/** One caption of `captions.json`, or one scene of `scenes/scenes.json`, with its facts. */
export interface Caption {
  readonly id: string;
  readonly kind: Kind;
  /** Whether all its objects are of the commonest, which a short training attends to first; shapes always are. */
  readonly core: boolean;
  readonly caption: string;
  readonly facts: Facts;
}

/** Reads captions or scenes that `train.py captions` wrote. */
export async function readCaptions(file: string | URL, field: 'captions' | 'scenes'): Promise<readonly Caption[]> {
  const content = JSON.parse(await readFile(file, 'utf8')) as Readonly<Record<string, readonly Caption[]>>;
  return content[field] ?? [];
}

/** Takes the first so many captions of each kind; they lie in a shuffled order, so any first part is a fair sample. */
export function firstOfEachKind(captions: readonly Caption[], perKind: number): readonly Caption[] {
  return kinds.flatMap((kind) => captions.filter((caption) => caption.kind === kind).slice(0, perKind));
}
