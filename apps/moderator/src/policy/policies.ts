import { defaultPolicy, type PolicyDocument, policyDigest } from '@darkroom/safety-policy';
import { Exemptions } from '../prompt/exemptions.js';

/** A policy that decisions are made by. */
export interface ActivePolicy {
  readonly document: PolicyDocument;
  readonly digest: string;
  readonly exemptions: Exemptions;
}

/**
 * Makes a policy ready to decide by.
 *
 * @param digest its digest, where it was named by one: of the JSON as it was entered, which may lack what a later schema has.
 */
export function activePolicy(document: PolicyDocument, digest = policyDigest(document)): ActivePolicy {
  return { document, digest, exemptions: new Exemptions(document.exemptions) };
}

/** The policy of tenants that have none of their own. */
export const usualPolicy = activePolicy(defaultPolicy);
