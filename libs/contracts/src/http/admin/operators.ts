import { z } from 'zod';

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

const nameMessage = `\`name\` must be 1 to ${maxOperatorName} letters, digits, or any of . _ @ + -, beginning with a letter or digit`;
const roleMessage = `\`role\` must be one of ${operatorRoles.map((role) => `"${role}"`).join(', ')}`;

/** Body that makes an operator. */
export const newOperatorBody = z.strictObject({
  name: z
    .string(nameMessage)
    .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@+-]*$/u, nameMessage)
    .max(maxOperatorName, nameMessage),
  role: z.enum(operatorRoles, roleMessage),
});

/** Body that changes an operator; what is left out stays. */
export const operatorChangeBody = z.strictObject({
  role: z.enum(operatorRoles, roleMessage).optional(),
  disabled: z.boolean('`disabled` must be true or false').optional(),
});

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
