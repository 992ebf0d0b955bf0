import { maxOperatorName, type OperatorRole } from '@darkroom/contracts/admin';
import { Injectable } from '@nestjs/common';
import type { Configuration } from 'openid-client';
import { Config } from '../../config.js';
import { FLOW_SECONDS, type Flow, FlowSeal } from './flow.js';
import { type OpenIdSettings, openIdSettings } from './settings.js';

/** Who has signed in at the provider. */
export interface Identity {
  /** The provider's id of it, which never changes. */
  readonly subject: string;
  readonly name: string;
  /** Undefined when nothing of it gives a role. */
  readonly role: OperatorRole | undefined;
}

/** A sign-in that begins: where the browser goes, and what it keeps meanwhile. */
export interface Beginning {
  readonly url: string;
  readonly cookie: string;
}

/** The OpenID provider that operators sign in at: OpenID Connect's code flow with PKCE. */
export class OpenIdProvider {
  private readonly settings: OpenIdSettings;
  private readonly flows: FlowSeal;
  private discovered: Promise<Configuration> | undefined;

  constructor(settings: OpenIdSettings) {
    this.settings = settings;
    this.flows = new FlowSeal(settings.clientSecret);
  }

  /** What people know it by. */
  get name(): string {
    return this.settings.issuer.host;
  }

  /** Begins a sign-in. @throws Error when the provider can't be reached. */
  async begin(returnTo: string): Promise<Beginning> {
    const { buildAuthorizationUrl, calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier, randomState } =
      await library();
    const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
    const url = buildAuthorizationUrl(await this.configuration(), {
      redirect_uri: this.settings.redirectUri,
      scope: this.settings.scope,
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const expiresAtMs = Date.now() + FLOW_SECONDS * 1000;
    return { url: url.href, cookie: this.flows.seal({ state, nonce, verifier, returnTo, expiresAtMs }) };
  }

  /** Reads what the browser kept; undefined when it is not ours, or too old. */
  flowOf(cookie: string | undefined): Flow | undefined {
    return cookie === undefined ? undefined : this.flows.open(cookie);
  }

  /**
   * Ends a sign-in.
   *
   * @param query what the provider sent the browser back with.
   * @throws Error when the provider says no, or what it says can't be trusted.
   */
  async finish(query: string, { state, nonce, verifier }: Flow): Promise<Identity> {
    const { authorizationCodeGrant, fetchUserInfo } = await library();
    const configuration = await this.configuration();
    const tokens = await authorizationCodeGrant(configuration, new URL(query, this.settings.redirectUri), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) throw new Error('the provider sent no ID token');
    // Many providers tell groups and addresses at their user info endpoint alone.
    const hasMore =
      configuration.serverMetadata().userinfo_endpoint !== undefined && claims[this.settings.roleClaim] === undefined;
    const more = hasMore ? await fetchUserInfo(configuration, tokens.access_token, claims.sub) : {};
    const all: Readonly<Record<string, unknown>> = { ...more, ...claims };
    return { subject: claims.sub, name: nameOf(all), role: this.roleOf(all[this.settings.roleClaim]) };
  }

  private roleOf(claim: unknown): OperatorRole | undefined {
    const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
    return [...this.settings.roles].find(([value]) => values.includes(value))?.[1];
  }

  /** Asks the provider where everything is, once it has answered never again. */
  private configuration(): Promise<Configuration> {
    this.discovered ??= this.discover().catch((error: unknown) => {
      this.discovered = undefined;
      throw error;
    });
    return this.discovered;
  }

  private async discover(): Promise<Configuration> {
    const { allowInsecureRequests, discovery } = await library();
    const { issuer, clientId, clientSecret } = this.settings;
    const execute = issuer.protocol === 'http:' ? [allowInsecureRequests] : [];
    return await discovery(issuer, clientId, clientSecret, undefined, { execute });
  }
}

/** Knows the OpenID provider, if there is one. */
@Injectable()
export class OpenId {
  readonly provider: OpenIdProvider | undefined;

  constructor(config: Config) {
    const settings = openIdSettings(config);
    this.provider = settings && new OpenIdProvider(settings);
  }
}

/** Loaded where it is used alone: most control planes have no provider. */
function library(): Promise<typeof import('openid-client')> {
  return import('openid-client');
}

/** People know one another by their addresses; one that nobody has verified could be anybody's. */
function nameOf(claims: Readonly<Record<string, unknown>>): string {
  const { email, email_verified, preferred_username, sub } = claims;
  const names = [email_verified === true ? email : undefined, preferred_username, sub];
  const name = names.find((one): one is string => typeof one === 'string' && one !== '') ?? '';
  return name.slice(0, maxOperatorName);
}
