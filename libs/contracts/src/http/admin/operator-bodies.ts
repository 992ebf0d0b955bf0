import { z } from 'zod';
import { maxOperatorName, operatorRoles } from './operators.js';
import { passwordLength } from './session.js';

// Apart from the names beside it: a page that reads those is not to carry zod along, whose search for `eval` its policy reports.

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
