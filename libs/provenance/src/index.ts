export type { SignatureAlgorithm } from './manifest/certificate.js';
export { type CertificateAndKey, developmentCertificate } from './manifest/development-certificate.js';
export type { KmsKey, RemoteSigner } from './manifest/kms-signer.js';
export { type ManifestReport, Manifests, type ManifestsOptions } from './manifest/manifests.js';
export { keySigner, type ManifestSigner } from './manifest/signer.js';
export { pngText, withPngText } from './metadata/png-text.js';
export { trainedAlgorithmicMedia, xmpPacket } from './metadata/xmp.js';
export { markPayload, type PictureReceipt, receiptKeyword } from './receipt.js';
export type { RgbPixels } from './watermark/canonical.js';
export {
  type Detection,
  detectionThreshold,
  falsePositiveBound,
  markPsnr,
  type PictureMark,
  Watermark,
} from './watermark/watermark.js';
