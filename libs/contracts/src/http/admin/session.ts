import type { OperatorRole, Permission, SignInWay } from './operators.js';

/** Lengths of a password; NIST SP 800-63B asks for 8 at least, and for no rules about its letters. */
export const passwordLength = { min: 12, max: 200 } as const;

/** Who makes a request, as it is told itself. */
export interface CurrentOperatorBody {
  readonly name: string;
  readonly role: OperatorRole;
  readonly via: SignInWay;
}

/** JSON of who has signed in, and what they may; nobody may anything. */
export interface SessionBody {
  readonly operator: CurrentOperatorBody | null;
  readonly permissions: readonly Permission[];
  /** How one can sign in here; `provider` is where to, for `oidc`. */
  readonly ways: readonly Exclude<SignInWay, 'token'>[];
  readonly provider: string | null;
}
