import { z } from 'zod';
import { maxOperatorName, type OperatorRole, type Permission, type SignInWay } from './operators.js';

/** Lengths of a password; NIST SP 800-63B asks for 8 at least, and for no rules about its letters. */
export const passwordLength = { min: 12, max: 200 } as const;

const passwordMessage = (param: string) =>
  `\`${param}\` must be a text of ${passwordLength.min} to ${passwordLength.max} characters`;
const text = (param: string, most: number) => {
  const message = `\`${param}\` must be a text of 1 to ${most} characters`;
  return z.string(message).min(1, message).max(most, message);
};

/** Body of a sign-in by password. */
export const signInBody = z.strictObject({
  name: text('name', maxOperatorName),
  password: text('password', passwordLength.max),
});

/** Body of a change of one's own password. */
export const newPasswordBody = z.strictObject({
  current_password: text('current_password', passwordLength.max),
  new_password: z
    .string(passwordMessage('new_password'))
    .min(passwordLength.min, passwordMessage('new_password'))
    .max(passwordLength.max, passwordMessage('new_password')),
});

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
