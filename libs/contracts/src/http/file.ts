import { z } from 'zod';

/** Describes a file of a form, whose bytes no schema checks. */
export const file = (description: string) =>
  z.string().meta({ description, contentMediaType: 'application/octet-stream', examples: ['(the bytes of a file)'] });
