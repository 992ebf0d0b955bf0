import { createHmac, timingSafeEqual } from 'node:crypto';
import { DarkroomError } from '@darkroom/contracts';
import { Readiness } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../config.js';
import { keptSecret } from './url-secret.js';

/** An image's URL works this long. */
export const URL_LIFETIME_SECONDS = 60 * 60;

/** An address that works without a key for a while. */
export interface SignedUrl {
  readonly url: string;
  /** Unix seconds. */
  readonly expires_at: number;
}

/** Makes addresses of images that work without a key for an hour, and checks them. */
@Injectable()
export class FileUrls {
  private readonly secret: Promise<string>;
  private readonly publicUrl: string | undefined;

  constructor({ fileUrlSecret, stateDir, publicUrl }: Config, readiness: Readiness) {
    this.publicUrl = publicUrl?.replace(/\/+$/, '');
    this.secret = readiness.load('file URL secret', async () => fileUrlSecret ?? (await keptSecret(stateDir)));
  }

  /** Returns the address of the gateway, as seen by whoever sent the request. */
  baseOf({ protocol, host }: FastifyRequest): string {
    return this.publicUrl ?? `${protocol}://${host}`;
  }

  /** Returns the address of a blob, as seen by whoever sent the request, and until when it works. */
  async sign(blobKey: string, request: FastifyRequest, nowMs = Date.now()): Promise<SignedUrl> {
    return await this.signUnder(this.baseOf(request), blobKey, nowMs);
  }

  /** Returns the address of a blob under an address of the gateway, and until when it works. */
  async signUnder(base: string, blobKey: string, nowMs = Date.now()): Promise<SignedUrl> {
    const expires = Math.floor(nowMs / 1000) + URL_LIFETIME_SECONDS;
    const url = `${base}/v1/files/${blobKey}?expires=${expires}&signature=${await this.signature(blobKey, expires)}`;
    return { url, expires_at: expires };
  }

  /**
   * Passes when the address was made by `sign` and is not over.
   *
   * @throws {DarkroomError} Thrown with `permission_denied` when it wasn't or is.
   */
  async verify(blobKey: string, expires: string, signature: string, nowMs = Date.now()): Promise<void> {
    const wanted = Buffer.from(await this.signature(blobKey, Number(expires)));
    const given = Buffer.from(signature);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      throw new DarkroomError({ code: 'permission_denied', message: 'the signature of this address is wrong' });
    }
    if (Number(expires) * 1000 < nowMs) {
      throw new DarkroomError({ code: 'permission_denied', message: 'this address has expired; ask for the generation again' });
    }
  }

  private async signature(blobKey: string, expires: number): Promise<string> {
    return createHmac('sha256', await this.secret)
      .update(`${blobKey}\n${expires}`)
      .digest('base64url');
  }
}
