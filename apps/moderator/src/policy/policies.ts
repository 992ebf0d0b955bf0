import { createHash } from 'node:crypto';
import { harmCategories } from '@darkroom/contracts';
import { defaultPolicy, type PolicyDocument, parsePolicyDocument } from '@darkroom/safety-policy';

/** A policy that decisions are made by. */
export interface ActivePolicy {
  readonly document: PolicyDocument;
  /** SHA-256 of the document as JSON, so that a decision can be made again by exactly this one. */
  readonly digest: string;
}

/** Gives a policy its digest. */
export function activePolicy(document: PolicyDocument): ActivePolicy {
  return { document, digest: `sha256:${createHash('sha256').update(JSON.stringify(document)).digest('hex')}` };
}

/** What stands in a policy's place for a red team that wants to see what there would be without one. */
export function offPolicy({ version }: PolicyDocument): PolicyDocument {
  const rules = Object.fromEntries(harmCategories.map((category) => [category, category === 'child_safety' ? { block: 1 } : {}]));
  return parsePolicyDocument({ version: `${version}+off`, stages: { prompt: rules, input_image: rules, output_image: rules } });
}

/** The policy of tenants that have none of their own. */
export const usualPolicy = activePolicy(defaultPolicy);
