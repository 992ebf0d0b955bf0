import fc, { type Arbitrary } from 'fast-check';

/** The parts of JSON Schema (2020-12) that the document uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
}

/** Looks a reference up. */
export type Resolve = (reference: string) => JsonSchema;

/** Texts of every kind that a well-formed text can be. */
const anyText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** Texts that have broken programs before. */
export const hostileText = fc.oneof(
  anyText,
  fc.constantFrom('', ' ', '\u0000', '\ud800', '\uffff', '%00', '%', '../../etc/passwd', '__proto__', 'constructor', 'NaN'),
  fc.constantFrom("' OR 1=1 --", '<script>', '\r\nX-Injected: 1', '\u202e', 'a'.repeat(5_000)),
);

/** Values of every type, to stand where another is expected. */
export const anyValue: Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(null, true, false, 0, -1, 0.5, 1e308, -1e308, 2 ** 53, [], {}, [null], { a: 1 }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Makes values that a schema allows; those it gives as examples are frequent, since they mean something. */
export function valuesOf(schema: JsonSchema, resolve: Resolve): Arbitrary<unknown> {
  const generated = generate(schema, resolve);
  if (!schema.examples?.length) return generated;
  return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...schema.examples) }, { weight: 1, arbitrary: generated });
}

function generate(schema: JsonSchema, resolve: Resolve): Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valuesOf(resolve(schema.$ref), resolve);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) return fc.oneof(...variants.map((variant) => valuesOf(variant, resolve)));
  const types = [schema.type ?? 'any'].flat();
  return fc.oneof(...types.map((type) => ofType(type, schema, resolve)));
}

function ofType(type: string, schema: JsonSchema, resolve: Resolve): Arbitrary<unknown> {
  const { minimum: min, maximum: max } = schema;
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ ...(min !== undefined && { min }), ...(max !== undefined && { max }) });
    case 'number':
      return fc.double({ ...(min !== undefined && { min }), ...(max !== undefined && { max }), noNaN: true });
    case 'string':
      return textOf(schema);
    case 'array':
      return listOf(schema, resolve);
    case 'object':
      return objectOf(schema, resolve);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function listOf({ items = {}, minItems = 0, maxItems = 5, uniqueItems }: JsonSchema, resolve: Resolve): Arbitrary<unknown[]> {
  const values = valuesOf(items, resolve);
  const sizes = { minLength: minItems, maxLength: maxItems };
  return uniqueItems ? fc.uniqueArray(values, sizes) : fc.array(values, sizes);
}

function textOf({ format, pattern, minLength = 0, maxLength }: JsonSchema): Arbitrary<string> {
  // Moments that lie ahead, since a deadline is the only one that is asked for.
  if (format === 'date-time')
    return fc.integer({ min: 60, max: 80_000 }).map((s) => new Date(Date.now() + s * 1000).toISOString());
  if (format === 'uri') return fc.webUrl({ validSchemes: ['https'] });
  if (pattern !== undefined && pattern !== '\\S') return fc.stringMatching(new RegExp(pattern));
  const text = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength ?? 60, minLength + 60) });
  return pattern === undefined ? text : text.filter((value) => /\S/.test(value));
}

function objectOf({ properties = {}, required = [], additionalProperties }: JsonSchema, resolve: Resolve): Arbitrary<unknown> {
  const named = Object.entries(properties).map(([name, schema]) => [name, valuesOf(schema, resolve)] as const);
  const known = fc.record(Object.fromEntries(named), { requiredKeys: [...required] });
  if (typeof additionalProperties !== 'object') return known;
  const others = fc.dictionary(fc.string({ maxLength: 10 }), valuesOf(additionalProperties, resolve), { maxKeys: 3 });
  return fc.tuple(others, known).map(([more, own]) => ({ ...more, ...own }));
}

/** A body in which one thing differs from what its schema allows; it may still be allowed by chance. */
export interface Mutation {
  readonly body: unknown;
  /** The parameter that was changed, added or left out; absent where the body as a whole was. */
  readonly param: string | undefined;
}

/** Makes bodies of an object's schema in which one thing was changed. */
export function mutationsOf(schema: JsonSchema, resolve: Resolve): Arbitrary<Mutation> {
  const { properties = {}, required = [] } = schema.$ref === undefined ? schema : resolve(schema.$ref);
  const bodies = valuesOf(schema, resolve) as Arbitrary<Record<string, unknown>>;
  const param = fc.constantFrom(...Object.keys(properties));
  const changed = fc
    .tuple(bodies, param, anyValue)
    .map(([body, name, value]) => ({ body: { ...body, [name]: value }, param: name }));
  const unknown = fc.tuple(bodies, fc.constantFrom('N', 'prompts', 'style', '', '$', 'constructor', 'ключ'), anyValue);
  const mutations: Arbitrary<Mutation>[] = [
    changed,
    unknown.map(([body, name, value]) => ({ body: { ...body, [name]: value }, param: name })),
    anyValue.map((body) => ({ body, param: undefined })),
  ];
  if (required.length > 0) {
    const missing = fc.tuple(bodies, fc.constantFrom(...required));
    mutations.push(
      missing.map(([body, name]) => ({
        body: Object.fromEntries(Object.entries(body).filter(([key]) => key !== name)),
        param: name,
      })),
    );
  }
  return fc.oneof(...mutations);
}
