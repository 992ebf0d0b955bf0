import { randomBytes, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  developmentCertificate,
  keySigner,
  type ManifestSigner,
  Manifests,
  type PictureMark,
  Watermark,
} from '@darkroom/provenance';
import { ConfigError, Log, Metrics, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Config } from '../config.js';
import { keptText } from './kept-text.js';

/** Version that manifests name, until the platform has releases. */
const version = '0.0.0';

/** What marks and signs pictures: made at first use, of the operator's secrets or else of secrets that are kept in the state folder. */
@Injectable()
export class ProvenanceKeys implements OnModuleInit {
  /** Whether pictures are marked and signed. */
  readonly isOn: boolean;
  /** Whether the certificate is the operator's, and not one that was made here. */
  readonly isCertified: boolean;
  private readonly config: Config;
  private readonly log: Log;
  private readonly readiness: Readiness;
  private marking: Promise<PictureMark> | undefined;
  private signing: Promise<Manifests> | undefined;
  /** Unix milliseconds at which the certificate that signs ends; undefined until one was read. */
  private expiresAtMs: number | undefined;

  constructor(config: Config, log: Log, readiness: Readiness, metrics: Metrics) {
    this.config = config;
    this.log = log;
    this.readiness = readiness;
    this.isOn = config.provenance === 'on';
    this.isCertified = config.provenanceCertificate !== undefined;
    metrics.gauge({
      name: 'darkroom_certificate_left_seconds',
      help: 'Time until the certificate ends that signs pictures; absent until one was read.',
      collect: (gauge) => {
        if (this.expiresAtMs === undefined) gauge.remove();
        else gauge.set((this.expiresAtMs - Date.now()) / 1000);
      },
    });
  }

  /** @throws {ConfigError} Thrown when the operator's certificate or key is missing, can't be read, or does not fit the other. */
  async onModuleInit(): Promise<void> {
    const { provenanceCertificate: certificate, provenancePrivateKey: key, provenanceKmsKeyId: kmsKey } = this.config;
    const keys = [key, kmsKey].filter((one) => one !== undefined).length;
    if (keys > 1)
      throw new ConfigError('PROVENANCE_PRIVATE_KEY and PROVENANCE_KMS_KEY_ID are two places for one key: set one of them');
    if ((certificate === undefined) !== (keys === 0)) {
      const either = 'PROVENANCE_PRIVATE_KEY or PROVENANCE_KMS_KEY_ID';
      throw new ConfigError(`PROVENANCE_CERTIFICATE and its key, ${either}, belong together: set both, or none`);
    }
    if (!this.isOn) this.log.warn('provenance is off: pictures are neither marked nor signed');
    if (certificate === undefined) return;
    await this.manifests().catch((cause: Error) => {
      throw new ConfigError(`PROVENANCE_CERTIFICATE: ${cause.message}`);
    });
  }

  /** Returns what marks pictures and finds marks. */
  watermark(): Promise<PictureMark> {
    this.marking ??= this.makeWatermark();
    this.marking.catch(() => {
      this.marking = undefined;
    });
    return this.marking;
  }

  /** Returns what signs pictures and reads manifests. */
  manifests(): Promise<Manifests> {
    this.signing ??= this.makeManifests();
    this.signing.catch(() => {
      this.signing = undefined;
    });
    return this.signing;
  }

  private async makeWatermark(): Promise<PictureMark> {
    const made = () => `${randomBytes(32).toString('base64url')}\n`;
    const secret = this.config.watermarkKey ?? (await keptText(this.file('watermark-key'), made));
    return new Watermark(Buffer.from(secret.trim()));
  }

  private async makeManifests(): Promise<Manifests> {
    const { provenanceCertificate: certificate, provenanceEarlierCertificates: earlier } = this.config;
    const earlierCertificates = earlier && (await readFile(earlier, 'utf8'));
    const signer = await (certificate === undefined ? this.developmentSigner() : this.operatorSigner(certificate));
    // The first of the chain is the one that signs.
    this.expiresAtMs = new X509Certificate(signer.certificates).validToDate.getTime();
    return new Manifests({ version, signer, earlierCertificates });
  }

  private async operatorSigner(certificate: string): Promise<ManifestSigner> {
    const { provenancePrivateKey: key, provenanceKmsKeyId: keyId, provenanceKmsRegion: region } = this.config;
    const certificates = await readFile(certificate, 'utf8');
    if (key !== undefined) return keySigner(certificates, await readFile(key, 'utf8'));
    // Large, and most have no key there.
    const { kmsSigner } = await import('@darkroom/provenance/kms');
    const signer = kmsSigner(certificates, { keyId: keyId ?? '', region, endpoint: this.config.provenanceKmsEndpoint });
    this.readiness.require('signing key', () => signer.problem());
    return signer;
  }

  private async developmentSigner(): Promise<ManifestSigner> {
    const both = await keptText(this.file('development-certificate.pem'), async () => {
      const { certificates, key } = await developmentCertificate();
      return certificates + key;
    });
    const keyAt = both.indexOf('-----BEGIN PRIVATE KEY-----');
    return keySigner(both.slice(0, keyAt), both.slice(keyAt));
  }

  private file(name: string): string {
    return path.join(this.config.stateDir, 'provenance', name);
  }
}
