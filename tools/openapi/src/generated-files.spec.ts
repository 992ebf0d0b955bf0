import { openApiDocument } from '@darkroom/contracts/openapi';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from './generated-files.js';

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate({ ...openApiDocument() })).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('would be refused by the validator if an answer lacked its description', async () => {
    const broken = { ...openApiDocument(), paths: { '/x': { get: { responses: { 200: {} } } } } };
    expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
  });

  it('says of every parameter and every field of a request what it is for', () => {
    const { paths = {}, components = {} } = openApiDocument();
    const parameters = Object.values(paths).flatMap((item) => Object.values(item).flatMap(({ parameters = [] }) => parameters));
    expect(parameters.length).toBeGreaterThan(5);
    for (const { name, description } of parameters) expect(description, name).toMatch(/\.$/);
    const fields = Object.entries(components.schemas ?? {}).filter(([name]) => name.endsWith('Request'));
    expect(fields.length).toBeGreaterThan(0);
    for (const [name, { properties = {} }] of fields as [string, { properties?: Record<string, { description?: string }> }][]) {
      for (const [field, { description }] of Object.entries(properties)) expect(description, `${name}.${field}`).toMatch(/\.$/);
    }
  });
});

it('generatedFiles makes the same files each time', async () => {
  expect(await generatedFiles()).toEqual(await generatedFiles());
});
