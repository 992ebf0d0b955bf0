import {
  defineConfig,
  executionVariables,
  grpcVariables,
  integerSchema,
  modelListVariables,
  modelVariables,
  serviceVariables,
  switchSchema,
  variable,
} from '@darkroom/service-kit';
import { z } from 'zod';

/** The VAE decoder's configuration. */
export class Config extends defineConfig({
  service: 'vae-decoder',
  summary: 'Turns latents into encoded images, and images into latents.',
  environment: process.env,
  variables: {
    ...serviceVariables,
    ...grpcVariables,
    ...modelVariables,
    ...executionVariables,
    ...modelListVariables,
    vaeMemoryLimitBytes: variable(
      'VAE_MEMORY_LIMIT_BYTES',
      integerSchema(32 * 2 ** 20, 2 ** 40).default(512 * 2 ** 20),
      "bytes that the VAE's activations may take; images that would take more are done in tiles",
    ),
    provenance: variable(
      'PROVENANCE',
      z.enum(['on', 'off'], 'expected on or off').default('on'),
      'off delivers pictures without the invisible mark, XMP and a signed manifest',
    ),
    provenanceCertificate: variable(
      'PROVENANCE_CERTIFICATE',
      z.string().optional(),
      'file with the certificate that signs manifests, PEM, its issuers after it; unset means one for development in DARKROOM_STATE_DIR',
    ),
    provenancePrivateKey: variable(
      'PROVENANCE_PRIVATE_KEY',
      z.string().optional(),
      "file with that certificate's private key, PEM: Ed25519, ECDSA with P-256 or P-384, or RSA",
    ),
    provenanceKmsKeyId: variable(
      'PROVENANCE_KMS_KEY_ID',
      z.string().min(1).optional(),
      'id, ARN or alias of that key where it is kept in AWS KMS instead: ECDSA with P-256 or P-384, or RSA',
    ),
    provenanceKmsRegion: variable('PROVENANCE_KMS_REGION', z.string().default('us-east-1'), 'region of that key'),
    provenanceKmsEndpoint: variable(
      'PROVENANCE_KMS_ENDPOINT',
      z.url().optional(),
      "address of a key management service that speaks AWS KMS's language; unset means AWS",
    ),
    provenanceEarlierCertificates: variable(
      'PROVENANCE_EARLIER_CERTIFICATES',
      z.string().optional(),
      'file with certificates that signed before, PEM: pictures that they signed are still ours',
    ),
    watermarkKey: variable(
      'WATERMARK_KEY',
      z.string().min(16, 'expected at least 16 characters').optional(),
      'secret of the invisible mark, the same for all VAE decoders; unset means one that is made once and kept in DARKROOM_STATE_DIR',
      { secret: true },
    ),
    deterministic: variable(
      'DETERMINISTIC',
      switchSchema,
      'true gives each image a run of its own, without finding out first whether batches change bits',
    ),
  },
}) {}
