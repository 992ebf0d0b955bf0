import { createHash, randomBytes } from 'node:crypto';
import type * as C2pa from '@contentauth/c2pa-node';
import { trainedAlgorithmicMedia } from '../metadata/xmp.js';
import type { PictureReceipt } from '../receipt.js';
import { repeatable } from './repeatable.js';
import type { ManifestSigner } from './signer.js';

/** What a file's manifest says, and whether that holds. */
export interface ManifestReport {
  /**
   * `ours`: intact, and signed with one of our certificates. `other_issuer`: intact, and signed with another. `invalid`: it is damaged,
   * its signature does not hold, or the picture is not the one that was signed. `none`: there is no manifest.
   */
  readonly state: 'ours' | 'other_issuer' | 'invalid' | 'none';
  /** Who signed, by its certificate's own words; undefined without a readable manifest. */
  readonly issuer: string | undefined;
  /** Codes of what does not hold, from the C2PA specification; empty when all does. */
  readonly problems: readonly string[];
  /** Only of manifests that are ours. */
  readonly receipt: PictureReceipt | undefined;
}

/** What makes manifests ours. */
export interface ManifestsOptions {
  /** Shown as the maker of pictures. */
  readonly version: string;
  readonly signer: ManifestSigner;
  /** Certificates that signed before, as PEM: their manifests are ours too. */
  readonly earlierCertificates?: string | undefined;
}

/** Label of the assertion that holds the receipt. */
const receiptLabel = 'org.darkroom.receipt';

/** Enough for the longest certificate chains and signatures in use; what is left is zeros. */
const reservedBytes = 10_240;

const firstCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;

/**
 * Signs pictures with C2PA manifests, and reads manifests: C2PA specification 2.2, by the reference implementation c2pa-rs.
 *
 * The native library is loaded at the first call. It never fetches anything: neither remote manifests, nor time stamps, nor revocations.
 */
export class Manifests {
  private readonly options: ManifestsOptions;
  private readonly settings: object;
  private library: Promise<typeof C2pa> | undefined;

  constructor(options: ManifestsOptions) {
    this.options = options;
    const [own] = firstCertificate.exec(options.signer.certificates) ?? [''];
    this.settings = {
      verify: { verify_trust: true, verify_after_sign: false, remote_manifest_fetch: false, ocsp_fetch: false },
      // Only these very certificates are ours, and not all that their issuer issued.
      trust: { allowed_list: `${own}\n${options.earlierCertificates ?? ''}` },
      builder: { thumbnail: { enabled: false }, created_assertion_labels: ['c2pa.actions.v2', receiptLabel] },
    };
  }

  /**
   * Signs a picture; the same picture, receipt and Ed25519 key give the same file.
   *
   * @param file a PNG, JPEG or WebP.
   * @throws whatever the signer throws, in its words.
   */
  async sign(file: Buffer, contentType: string, receipt: PictureReceipt): Promise<Buffer> {
    const { Builder, CallbackSigner } = await this.load();
    const agent = { name: 'Darkroom', version: this.options.version };
    const action = { action: 'c2pa.created', digitalSourceType: trainedAlgorithmicMedia, softwareAgent: agent };
    const id = uuidOf(file);
    const definition = {
      label: `urn:c2pa:${id}`,
      instance_id: `xmp:iid:${id}`,
      claim_generator_info: [agent],
      assertions: [
        { label: 'c2pa.actions.v2', data: { actions: [action] } },
        { label: receiptLabel, data: receipt },
      ],
    };
    const { signer } = this.options;
    // What is signed is changed once more, so that a key that is far away need not sign twice: until then this stands for the signature.
    const placeholder = randomBytes(signer.signatureBytes);
    let toBeSigned: Buffer = Buffer.alloc(0);
    const callback = CallbackSigner.newSigner(
      { alg: signer.algorithm, certs: [Buffer.from(signer.certificates)], reserveSize: reservedBytes, directCoseHandling: false },
      async (bytes) => {
        toBeSigned = bytes;
        return placeholder;
      },
    );
    const output: C2pa.DestinationBufferAsset = { buffer: null };
    const builder = Builder.withJson(definition as never, this.settings);
    const manifests = await builder.signAsync(callback, { buffer: file, mimeType: contentType }, output);
    const signed = { file: output.buffer as unknown as Buffer, manifests, toBeSigned, placeholder };
    return await repeatable(signed, (bytes) => signer.sign(bytes));
  }

  /** Reads a file's manifest and checks everything in it. */
  async read(file: Buffer, contentType: string): Promise<ManifestReport> {
    const { Reader } = await this.load();
    let store: ManifestStore | undefined;
    try {
      const reader = await Reader.fromAsset({ buffer: file, mimeType: contentType }, this.settings);
      store = reader?.json() as ManifestStore | undefined;
    } catch (error) {
      return { state: 'invalid', issuer: undefined, problems: [errorWords(error)], receipt: undefined };
    }
    const manifest = store?.manifests?.[store.active_manifest ?? ''];
    if (store === undefined || manifest === undefined) {
      return { state: 'none', issuer: undefined, problems: [], receipt: undefined };
    }
    const state = states[store.validation_state ?? ''] ?? 'invalid';
    const failures = store.validation_results?.activeManifest?.failure ?? [];
    const problems = state === 'other_issuer' ? [] : failures.map(({ code }) => code);
    const issuer = manifest.signature_info?.common_name ?? manifest.signature_info?.issuer ?? undefined;
    return { state, issuer, problems, receipt: state === 'ours' ? receiptOf(manifest) : undefined };
  }

  private load(): Promise<typeof C2pa> {
    this.library ??= import('@contentauth/c2pa-node');
    return this.library;
  }
}

/** What c2pa-rs finds; trusted is what stands on the list of allowed certificates. */
const states: Readonly<Record<string, ManifestReport['state']>> = { Trusted: 'ours', Valid: 'other_issuer', Invalid: 'invalid' };

/** As far as it is read here: what c2pa-rs reports, in its own names. */
interface ManifestStore {
  readonly active_manifest?: string;
  readonly manifests?: Readonly<Record<string, StoredManifest>>;
  readonly validation_state?: string;
  readonly validation_results?: { readonly activeManifest?: { readonly failure?: readonly { readonly code: string }[] } };
}

interface StoredManifest {
  readonly assertions?: readonly { readonly label: string; readonly data: unknown }[];
  readonly signature_info?: { readonly issuer?: string; readonly common_name?: string };
}

/** Signed by us, so it has the shape that {@link Manifests.sign} gave it. */
function receiptOf({ assertions = [] }: StoredManifest): PictureReceipt | undefined {
  return assertions.find(({ label }) => label === receiptLabel)?.data as PictureReceipt | undefined;
}

/** An id of a file's own, so that the same file has the same one; C2PA wants UUIDs in the form of version 4 (RFC 9562). */
function uuidOf(file: Buffer): string {
  const bytes = createHash('sha256').update(file).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function errorWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
