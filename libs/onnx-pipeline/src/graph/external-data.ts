import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Messages of onnx.proto that can hold weights: by field number, what is in them. */
const messages: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  model: { 7: 'graph', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparseTensor' },
  function: { 7: 'node' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparseTensor', 23: 'sparseTensor' },
  sparseTensor: { 1: 'tensor', 2: 'tensor' },
  tensor: { 13: 'dataEntry' },
  dataEntry: { 1: 'key', 2: 'value' },
};

/**
 * Lists the files in which an ONNX graph keeps weights, as the graph names them: relative to its own folder.
 *
 * A protobuf message can't be larger than 2 GiB, so larger models keep their weights in files beside it ("external data"), and the graph says
 * which. Only the graph's skeleton is read, not the weights in it; a file that is no ONNX graph names nothing, and ONNX Runtime says what
 * is wrong with it.
 */
export function externalDataFiles(path: string): string[] {
  const file = new PagedFile(path);
  try {
    const locations = new Set<string>();
    visit(file, 'model', 0, file.size, locations);
    return [...locations];
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  } finally {
    file.close();
  }
}

/** Walks through one message's fields, and into those that can hold weights. */
function visit(file: PagedFile, kind: string, start: number, end: number, locations: Set<string>): void {
  const fields = messages[kind] as Readonly<Record<number, string>>;
  let key = '';
  let value = '';
  for (let at = start; at < end; ) {
    const tag = file.varint(at);
    at = tag.next;
    const wireType = tag.value & 7;
    if (wireType === 0) at = file.varint(at).next;
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else if (wireType === 2) {
      const length = file.varint(at);
      const [from, to] = [length.next, length.next + length.value];
      if (to > end) throw new RangeError('a field is longer than its message');
      const content = fields[tag.value >>> 3];
      if (content === 'key') key = file.text(from, to);
      else if (content === 'value') value = file.text(from, to);
      else if (content !== undefined) visit(file, content, from, to, locations);
      at = to;
    } else throw new RangeError(`there is no wire type ${wireType} in ONNX files`);
  }
  if (key === 'location') locations.add(value);
}

const pageBytes = 64 * 1024;

/** A file read where it is looked at: a graph with its weights inside is large, and little of it is skeleton. */
class PagedFile {
  readonly size: number;
  readonly #descriptor: number;
  readonly #page = Buffer.alloc(pageBytes);
  #start = 0;
  #length = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.size = fstatSync(this.#descriptor).size;
  }

  /** Reads a base-128 number, least significant group first. */
  varint(at: number): { value: number; next: number } {
    let value = 0;
    let factor = 1;
    for (let next = at; ; next++, factor *= 128) {
      const byte = this.#byte(next);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return { value, next: next + 1 };
    }
  }

  text(from: number, to: number): string {
    return Buffer.from(Array.from({ length: to - from }, (_, i) => this.#byte(from + i))).toString();
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #byte(at: number): number {
    if (at < this.#start || at >= this.#start + this.#length) {
      this.#start = at;
      this.#length = readSync(this.#descriptor, this.#page, 0, pageBytes, at);
      if (this.#length === 0) throw new RangeError('the file ends within a field');
    }
    return this.#page[at - this.#start] as number;
  }
}
