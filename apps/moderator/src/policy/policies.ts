import { defaultPolicy, type PolicyDocument, policyDigest } from '@darkroom/safety-policy';

/** A policy that decisions are made by. */
export interface ActivePolicy {
  readonly document: PolicyDocument;
  readonly digest: string;
}

/** Gives a policy its digest. */
export function activePolicy(document: PolicyDocument): ActivePolicy {
  return { document, digest: policyDigest(document) };
}

/** The policy of tenants that have none of their own. */
export const usualPolicy = activePolicy(defaultPolicy);
