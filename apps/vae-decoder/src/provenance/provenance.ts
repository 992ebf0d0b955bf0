import {
  formatNames,
  ManifestState,
  type ProvenanceServiceService,
  type SignRequest,
  type SignResponse,
  type VerifyRequest,
  type VerifyResponse,
} from '@darkroom/contracts';
import {
  detectionThreshold,
  falsePositiveBound,
  type ManifestReport,
  markPayload,
  type PictureReceipt,
  pngText,
  receiptKeyword,
  withPngText,
} from '@darkroom/provenance';
import type { Handlers } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { checkFile, decodeWhole } from '../image-decoder.js';
import { ProvenanceKeys } from './provenance-keys.js';

/** The most pixels of a picture that is looked at, as many as may be sent to be edited. */
const maxPixels = 16_777_216;

/** Serves ProvenanceService: signs the platform's pictures, and tells whether a picture is one of them. */
@Injectable()
export class Provenance implements Handlers<typeof ProvenanceServiceService> {
  private readonly keys: ProvenanceKeys;

  constructor(keys: ProvenanceKeys) {
    this.keys = keys;
  }

  async sign({ image, format, receiptJson }: SignRequest): Promise<SignResponse> {
    if (!this.keys.isOn) return { image };
    const { output, contentType } = formatNames(format);
    const file = output === 'png' ? withPngText(image, receiptKeyword, receiptJson) : image;
    const manifests = await this.keys.manifests();
    return { image: await manifests.sign(file, contentType, JSON.parse(receiptJson) as PictureReceipt) };
  }

  async verify({ image }: VerifyRequest): Promise<VerifyResponse> {
    const { format } = await checkFile('image', image, maxPixels);
    const [manifests, watermark] = await Promise.all([this.keys.manifests(), this.keys.watermark()]);
    const [report, picture] = await Promise.all([manifests.read(image, `image/${format}`), decodeWhole(image, maxPixels)]);
    const mark = watermark.detect(picture);
    const receipt = report.receipt ?? writtenReceipt(image);
    return {
      manifest: this.state(report),
      issuer: report.issuer ?? '',
      problems: [...report.problems],
      mark: { ...mark, threshold: detectionThreshold, falsePositiveRate: falsePositiveBound },
      receiptJson: receipt === undefined ? '' : JSON.stringify(receipt),
      markFitsReceipt: receipt === undefined || mark.payload === undefined ? undefined : markPayload(receipt) === mark.payload,
    };
  }

  private state({ state }: ManifestReport): ManifestState {
    if (state === 'ours')
      return this.keys.isCertified ? ManifestState.MANIFEST_STATE_VALID : ManifestState.MANIFEST_STATE_UNTRUSTED;
    if (state === 'none') return ManifestState.MANIFEST_STATE_NONE;
    return state === 'invalid' ? ManifestState.MANIFEST_STATE_INVALID : ManifestState.MANIFEST_STATE_OTHER_ISSUER;
  }
}

/** Reads the receipt in a PNG's text, whoever wrote it. */
function writtenReceipt(file: Buffer): PictureReceipt | undefined {
  const text = pngText(file, receiptKeyword);
  if (text === undefined) return undefined;
  try {
    const receipt: unknown = JSON.parse(text);
    return typeof receipt === 'object' && receipt !== null && !Array.isArray(receipt) ? (receipt as PictureReceipt) : undefined;
  } catch {
    return undefined;
  }
}
