import type { HarmCategory } from '@darkroom/contracts/http';

/** Where moderation judges, as the audit log names it. */
export const stages = ['prompt', 'negative_prompt', 'input_image', 'partial_image', 'output_image'] as const;

/** What moderation can do, from nothing to refusing. */
export const actions = ['allow', 'warn', 'blur', 'block'] as const;

/** Kinds of harm, the gravest first. */
export const categories = [
  'child_safety',
  'sexual',
  'self_harm',
  'violence',
  'hate',
  'illicit',
  'deception',
  'trademarks',
] as const satisfies readonly HarmCategory[];

/** A name of the API as a person writes it: `child_safety` is "child safety". */
export function inPlainWords(name: string): string {
  return name.replaceAll('_', ' ');
}
