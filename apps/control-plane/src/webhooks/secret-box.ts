import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { DarkroomError } from '@darkroom/contracts';
import { keptKey, Readiness } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Config } from '../config.js';

/** Bytes of GCM's nonce and tag (NIST SP 800-38D). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** How sealed secrets are written, so that another way can follow. */
const VERSION = 'v1.';

/** Seals webhooks' secrets for the database, and opens them to sign with. */
@Injectable()
export class SecretBox {
  private readonly key: Promise<Buffer>;

  constructor({ webhookSecretsKey, stateDir }: Config, readiness: Readiness) {
    this.key = readiness.load(
      'webhook secrets key',
      async () => webhookSecretsKey ?? (await keptKey(stateDir, 'webhook-secrets-key')),
    );
  }

  /** Seals a secret for one webhook; another one's row can't use it. */
  async seal(secret: string, webhookId: string): Promise<string> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', await this.key, nonce).setAAD(Buffer.from(webhookId));
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return VERSION + sealed.toString('base64url');
  }

  /**
   * Opens a secret that was sealed for a webhook.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when it was sealed by another key: deliveries wait until that one is back.
   */
  async open(sealed: string, webhookId: string): Promise<string> {
    try {
      const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', await this.key, bytes.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(webhookId))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      throw new DarkroomError({
        code: 'unavailable',
        message: "the webhook's secret can't be opened; it was sealed by another WEBHOOK_SECRETS_KEY",
        retryAfterSeconds: 60,
        cause,
      });
    }
  }
}
