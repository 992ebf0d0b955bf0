import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import { type Route, toOperation } from './route.js';
import { messages } from './routes/webhooks.js';
import { routes } from './routes.js';

/** The OpenAPI 3.1 document of the gateway's API, as JSON. */
export type OpenApiDocument = ReturnType<typeof createDocument>;

/** Makes the document from the routes and the schemas that the gateway parses with. */
export function openApiDocument(): OpenApiDocument {
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Darkroom',
        version: '1',
        summary: 'Pictures from prompts: OpenAI’s Images API, and jobs beside it.',
        description:
          'A parameter that is unknown, of another type or out of range is refused with 400 and named in `param`; nothing is silently ignored. `null` is the same as leaving a parameter out. Answers may gain fields.',
        license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'images', description: 'OpenAI’s endpoints, and Azure’s: ask, and wait for the images.' },
        { name: 'generations', description: 'The same as jobs: an id at once, then events, state and images by that id.' },
        { name: 'models', description: 'What is served.' },
        { name: 'provenance', description: 'Where a picture is from.' },
        { name: 'usage', description: 'What was used, and what may be.' },
        { name: 'files', description: 'Images by signed addresses.' },
        { name: 'webhooks', description: 'Be told when generations have ended, after the Standard Webhooks specification.' },
        { name: 'appeals', description: 'Have a person look at what moderation decided.' },
      ],
      paths: pathsOf(routes),
      webhooks: messages,
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An API key.' },
          'api-key': { type: 'apiKey', in: 'header', name: 'api-key', description: "An API key, as Azure's clients send it." },
        },
      },
    },
    { override: forReaders },
  );
}

function pathsOf(described: readonly Route[]): ZodOpenApiPathsObject {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of described) {
    paths[route.path] = { ...paths[route.path], [route.method]: toOperation(route) };
  }
  return paths;
}

type Override = NonNullable<NonNullable<Parameters<typeof createDocument>[1]>['override']>;

/** Says what may be null by its type, drops the limits of JavaScript's integers, and leaves it open that answers gain fields. */
const forReaders: Override = ({ jsonSchema, io }) => {
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  const [schema, other, ...more] = jsonSchema.anyOf ?? [];
  if (typeof schema?.type !== 'string' || other?.type !== 'null' || more.length > 0) return;
  delete jsonSchema.anyOf;
  const type = [schema.type, 'null'];
  Object.assign(jsonSchema, schema, { type }, schema.enum && { enum: [...schema.enum, null] });
};
