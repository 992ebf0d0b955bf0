import { type OperatorRole, operatorRoles } from '@darkroom/contracts/admin';
import { variable } from '@darkroom/service-kit';
import { z } from 'zod';

const message = `expected VALUE=ROLE, separated by commas, where a role is ${operatorRoles.join(', ')}`;

/** Checks which value of the role claim gives which role, for instance darkroom-admins=admin,darkroom-staff=viewer; undefined when unset. */
const rolesSchema = z
  .string()
  .transform((text) => text.split(',').map((pair) => pair.split('=').map((part) => part.trim())))
  .refine((pairs) => pairs.every(isPair), message)
  .transform((pairs): ReadonlyMap<string, OperatorRole> => new Map(pairs as [string, OperatorRole][]))
  .optional();

function isPair(parts: readonly string[]): boolean {
  const [value = '', role = ''] = parts;
  return parts.length === 2 && value !== '' && (operatorRoles as readonly string[]).includes(role);
}

/** Tells whether an issuer's answers can be trusted to be its own. */
function isTrustworthy(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false;
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname));
}

/** What the control plane reads of an OpenID provider. */
export const openIdVariables = {
  oidcIssuer: variable(
    'OIDC_ISSUER',
    z.string().refine(isTrustworthy, 'expected https://host, or http on this machine alone').optional(),
    'the OpenID provider that operators sign in at; unset means that there is none',
  ),
  oidcClientId: variable('OIDC_CLIENT_ID', z.string().optional(), 'what the provider knows the dashboard by'),
  oidcClientSecret: variable('OIDC_CLIENT_SECRET', z.string().optional(), 'secret that it shows the provider', {
    secret: true,
  }),
  oidcScope: variable('OIDC_SCOPE', z.string().default('openid profile email'), 'what is asked of the provider'),
  oidcRoleClaim: variable('OIDC_ROLE_CLAIM', z.string().default('groups'), "claim whose values give an operator's role"),
  oidcRoles: variable(
    'OIDC_ROLES',
    rolesSchema,
    'which value of the claim gives which role, for instance darkroom-admins=admin,staff=viewer; the first that fits counts',
  ),
};
