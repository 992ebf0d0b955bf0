/** Longest name of an operator. */
export const maxOperatorName = 100;

/** What operators can be, from the one who may least. */
export const operatorRoles = ['viewer', 'reviewer', 'operator', 'admin'] as const;

/** What an operator is. */
export type OperatorRole = (typeof operatorRoles)[number];

/** What an operator can be allowed to do; which role may what, the control plane says. */
export const permissions = ['read', 'content', 'review', 'operate', 'administer'] as const;

/** Something that an operator can be allowed to do. */
export type Permission = (typeof permissions)[number];

/** How an operator showed who it is. */
export const signInWays = ['token', 'password', 'oidc'] as const;

/** How an operator showed who it is. */
export type SignInWay = (typeof signInWays)[number];

/** JSON of an operator who signs in with a password. */
export interface OperatorBody {
  readonly id: string;
  readonly name: string;
  readonly role: OperatorRole;
  readonly created_at: string;
  readonly last_sign_in_at: string | null;
  readonly disabled_at: string | null;
}

/** JSON of an operator with the password that was just made for it, which is told once. */
export interface OperatorWithPasswordBody extends OperatorBody {
  readonly password: string;
}
