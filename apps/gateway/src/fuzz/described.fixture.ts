import type { Ajv2020 } from 'ajv/dist/2020.js';
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { JsonSchema } from './schema-values.fixture.js';
import type { FuzzedRequest, Reply } from './send.fixture.js';

interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

interface Media {
  readonly schema?: JsonSchema;
}

interface OperationObject {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

interface ResponseObject {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
  readonly content?: Readonly<Record<string, Media>>;
}

/** One operation of the document. */
export interface Operation extends OperationObject {
  readonly method: string;
  readonly path: string;
  /** Schema of the JSON that it takes; absent where it takes none. */
  readonly body: JsonSchema | undefined;
  /** The same of the form that it takes. */
  readonly form: JsonSchema | undefined;
}

/** What a gateway says of itself, and whether it keeps to it. */
export class Described {
  readonly operations: readonly Operation[];
  private readonly document: { readonly paths: Record<string, Record<string, OperationObject>> };
  private readonly ajv: Ajv2020;

  constructor(document: object) {
    this.document = closed(document) as typeof this.document;
    this.ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(this.ajv);
    this.ajv.addSchema(this.document, 'document');
    this.operations = Object.entries(this.document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({
        ...operation,
        method: method.toUpperCase(),
        path,
        body: operation.requestBody?.content['application/json']?.schema,
        form: operation.requestBody?.content['multipart/form-data']?.schema,
        // What a failure shows of it.
        [fc.toStringMethod]: () => operation.operationId,
      })),
    );
  }

  /** Looks a reference of the document up. */
  readonly resolve = (reference: string): JsonSchema =>
    reference
      .slice(2)
      .split('/')
      .reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], this.document) as JsonSchema;

  /** Tells whether a schema of the document allows a value. */
  allows(schema: JsonSchema, value: unknown): boolean {
    return this.complaints(schema, value) === undefined;
  }

  /** Expects a reply to be one that the document gives the operation; what is no operation may only be refused. */
  expectDescribed(operation: Operation | undefined, request: FuzzedRequest, reply: Reply): void {
    const about = `${request.method} ${request.target.slice(0, 200)} was answered ${reply.status} ${reply.text.slice(0, 500)}`;
    expect(reply.status, about).toBeLessThan(500);
    const response = operation === undefined ? refusal : operation.responses[reply.status];
    if (operation === undefined) expect([400, 401, 404, 405, 413, 414, 431], about).toContain(reply.status);
    expect(response, `${about}, a status that is not described`).toBeDefined();
    for (const [name, { required }] of Object.entries(response?.headers ?? {})) {
      if (required) expect(reply.headers, about).toHaveProperty([name.toLowerCase()]);
    }
    const [type = ''] = (reply.headers['content-type'] ?? '').split(';');
    if (response?.content === undefined) {
      expect(reply.text, about).toBe('');
      return;
    }
    expect(Object.keys(response.content), `${about}, of the type ${type}`).toContain(type);
    const schema = response.content[type]?.schema;
    if (schema === undefined) return;
    for (const value of valuesIn(reply.text, type)) {
      expect(this.complaints(schema, value), about).toBeUndefined();
    }
  }

  private complaints(schema: JsonSchema, value: unknown): string | undefined {
    const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as JsonSchema;
    return this.ajv.validate(absolute, value) ? undefined : this.ajv.errorsText();
  }
}

/** Reads the values that a body holds: the events of a stream, what JSON says, or the text itself, as of CSV. */
function valuesIn(text: string, type: string): unknown[] {
  if (type === 'text/event-stream') return eventsOf(text);
  return [type === 'application/json' ? JSON.parse(text) : text];
}

const refusal: ResponseObject = {
  content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorResponse' } } },
};

/** Closes every object of the document: it leaves open that answers gain fields, but one that it lacks today is a mistake. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  const isOpen = typeof copy.properties === 'object' && copy.type === 'object' && copy.additionalProperties === undefined;
  return isOpen ? { ...copy, additionalProperties: false } : copy;
}

function eventsOf(text: string): unknown[] {
  const events: unknown[] = [];
  const parser = createParser({
    onEvent: ({ id, event, data }) => events.push({ ...(id !== undefined && { id }), event, data: JSON.parse(data) }),
  });
  parser.feed(text);
  return events;
}
