import type { OperatorRole } from '@darkroom/contracts/admin';
import { ConfigError } from '@darkroom/service-kit';
import type { Config } from '../../config.js';

/** Where operators sign in, and what they may then. */
export interface OpenIdSettings {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the provider sends the browser back to. */
  readonly redirectUri: string;
  readonly scope: string;
  readonly roleClaim: string;
  /** Which value of the claim gives which role; of several that somebody has, the first counts. */
  readonly roles: ReadonlyMap<string, OperatorRole>;
}

/** Path of the routes, to which the cookie of a sign-in under way belongs. */
export const OPENID_PATH = '/admin/v1/session/oidc';

/**
 * Reads how operators sign in at an OpenID provider; undefined when they don't.
 *
 * @throws {ConfigError} Thrown when only a part of it is said.
 */
export function openIdSettings(config: Config): OpenIdSettings | undefined {
  const { oidcIssuer, oidcClientId, oidcClientSecret, dashboardUrl, oidcRoles, oidcRoleClaim, oidcScope } = config;
  if (oidcIssuer === undefined) return undefined;
  if (oidcClientId === undefined || oidcClientSecret === undefined || dashboardUrl === undefined || oidcRoles === undefined) {
    throw new ConfigError('OIDC_ISSUER needs OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_ROLES and DASHBOARD_URL beside it');
  }
  return {
    issuer: new URL(oidcIssuer),
    clientId: oidcClientId,
    clientSecret: oidcClientSecret,
    redirectUri: new URL(`${OPENID_PATH}/callback`, dashboardUrl).href,
    scope: oidcScope,
    roleClaim: oidcRoleClaim,
    roles: oidcRoles,
  };
}
