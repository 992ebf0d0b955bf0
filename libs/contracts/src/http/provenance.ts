import { z } from 'zod';
import { file } from './file.js';
import { maxPictureBytes, maxPicturePixels } from './parameters.js';
import { receiptBody } from './responses.js';

/** Text fields of a form that asks where a picture is from: none. */
export const provenanceFields = z.strictObject({});

/** The form that asks where a picture is from, as `multipart/form-data`. */
export const provenanceForm = provenanceFields
  .extend({
    image: file(
      `A still PNG, JPEG or WebP of at most ${maxPictureBytes / 1024 / 1024} MiB and ${maxPicturePixels.toLocaleString('en')} pixels.`,
    ),
  })
  .meta({ id: 'ProvenanceForm' });

/** What a picture's manifest is worth. */
export const signatureStates = ['valid', 'untrusted', 'invalid', 'other_issuer', 'none'] as const;

/** One of {@link signatureStates}. */
export type SignatureState = (typeof signatureStates)[number];

/** What a picture carries of how it was made. */
export const pictureReceiptBody = receiptBody
  .omit({ timings: true, output_compression: true })
  .meta({ id: 'PictureReceipt', description: 'What a picture carries of how it was made; no prompt, and not whose it is.' });

/** What was found of where a picture is from. */
export const provenanceReportBody = z
  .object({
    object: z.literal('provenance_report'),
    verdict: z.string().meta({ description: 'All of it in plain words.' }),
    is_ours: z
      .boolean()
      .meta({ description: 'Whether it was made here: surely by its manifest, or probably by its invisible mark.' }),
    signed: z.enum(signatureStates).meta({
      description:
        'What its C2PA manifest is worth. `valid`: ours, and intact. `untrusted`: the same, with a certificate for development. `invalid`: ' +
        "changed, or another picture's. `other_issuer`: intact, and signed by somebody else. `none`: there is none.",
    }),
    issuer: z.string().optional().meta({ description: "Who signed it, in the certificate's own words." }),
    problems: z.array(z.string()).meta({ description: 'Codes of the C2PA specification for what does not hold.' }),
    watermark: z.object({
      detected: z.boolean(),
      score: z.number().meta({ description: 'Its correlation with our mark, in standard deviations of what chance gives.' }),
      threshold: z.number().meta({ description: 'The score from which it counts as detected.' }),
      false_positive_rate: z.number().meta({ description: 'How often at most a picture without the mark counts as detected.' }),
      payload: z
        .string()
        .optional()
        .meta({ description: 'The 32 bits that it carries, in hexadecimal; absent when it is too faint to read.' }),
    }),
    receipt: pictureReceiptBody.optional().meta({ description: 'How it was made, as far as the file says so.' }),
    receipt_source: z
      .enum(['manifest', 'text'])
      .optional()
      .meta({ description: 'Where the receipt is from: signed with the manifest, or a text of a PNG, which anybody can write.' }),
    receipt_matches: z.boolean().optional().meta({
      description: 'Whether the invisible mark says that the receipt belongs to these pixels; absent when it can not say.',
    }),
  })
  .meta({ id: 'ProvenanceReport' });

/** What was found of where a picture is from. */
export type ProvenanceReportBody = z.infer<typeof provenanceReportBody>;
