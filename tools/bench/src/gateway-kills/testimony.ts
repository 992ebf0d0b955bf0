import { createHash } from 'node:crypto';
import type { GenerationBody } from '@darkroom/contracts/http';
import type { GenerationParameters } from './plan.js';

/** Everything that can be wrong, in words. */
export const faults = [
  'told of, but not to be read or listed',
  'in no final state, or in more than one',
  'images not as told',
  'charged wrongly',
  'keys with more than one generation',
  'that nobody asked for',
  'still counted against limits',
  'answers that should not have been given',
] as const;

/** A kind of thing that can be wrong. */
export type Fault = (typeof faults)[number];

/** One thing that is wrong. */
export interface Violation {
  readonly fault: Fault;
  /** The generation, or what else it is about. */
  readonly subject: string;
  readonly why: string;
}

/** What clients were told of one generation. */
export interface ToldGeneration {
  /** Undefined for one that was made again, as far as its client knows. */
  readonly parameters: GenerationParameters | undefined;
  /** Final states that it was told to be in. */
  readonly ends: Set<string>;
  /** SHA-256 of its images as they were delivered, by their place. */
  readonly images: Map<number, string>;
}

/** All that clients were told, and what was wrong with it at once. */
export class Testimony {
  readonly generations = new Map<string, ToldGeneration>();
  readonly violations: Violation[] = [];
  /** Attempts without a key that were not answered: each may have begun a generation that no client knows of. */
  unanswered = 0;
  /** Attempts that were made again under the same key. */
  repeated = 0;
  /** Streams of events that went on where a connection was lost. */
  resumed = 0;
  private readonly keys = new Map<string, string>();

  /** Enters that a client was told of a generation. */
  tell(id: string, parameters: GenerationParameters | undefined, key: string | undefined): ToldGeneration {
    const told = this.generations.get(id) ?? { parameters, ends: new Set<string>(), images: new Map<number, string>() };
    this.generations.set(id, told);
    if (key === undefined) return told;
    const earlier = this.keys.get(key);
    if (earlier !== undefined && earlier !== id) this.accuse('keys with more than one generation', key, `${earlier} and ${id}`);
    this.keys.set(key, id);
    return told;
  }

  /** Enters a state that a client was told, if it is a final one. */
  tellState({ id, status, error }: GenerationBody): void {
    if (status === 'succeeded' || status === 'failed' || status === 'cancelled')
      this.generations.get(id)?.ends.add(error?.code ?? status);
  }

  /** Enters an image that was delivered. */
  tellImage(id: string, index: number, bytes: Uint8Array): void {
    const told = this.generations.get(id);
    const digest = sha256(bytes);
    const earlier = told?.images.get(index);
    if (earlier !== undefined && earlier !== digest)
      this.accuse('images not as told', id, `image ${index} was delivered with two contents`);
    told?.images.set(index, digest);
  }

  accuse(fault: Fault, subject: string, why: string): void {
    this.violations.push({ fault, subject, why });
  }
}

/** SHA-256 of bytes, in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
