import { z } from 'zod';

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected letters, digits, ".", "_" and "-"');

const from = z.url({
  protocol: /^(s3|https?|file)$/,
  hostname: /.*/,
  error: 'expected s3://bucket/folder, https://host/folder or file:///folder',
});

const modelSource = z
  .strictObject({
    /** The folder's name in MODELS_DIR, by which services know the model. */
    name,
    from,
    digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits'),
    in_place: z.boolean().default(false),
  })
  .refine((source) => !source.in_place || source.from.startsWith('file:'), {
    path: ['in_place'],
    error: 'only a file:/// folder can be used in place',
  });

/** A model to bring: its name, where its folder is, and the SHA-256 of its `digests.json`. */
export type ModelSource = z.output<typeof modelSource>;

/** Checks the JSON text that lists the models to bring. */
export const modelSources = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'expected JSON' });
      return z.NEVER;
    }
  })
  .pipe(z.array(modelSource).min(1))
  .refine((sources) => new Set(sources.map((source) => source.name)).size === sources.length, 'two models have the same name');
