import { defaultPolicy, type PolicyDocument, policyDigest } from '@darkroom/safety-policy';
import { Exemptions } from '../prompt/exemptions.js';

/** A policy that decisions are made by. */
export interface ActivePolicy {
  readonly document: PolicyDocument;
  readonly digest: string;
  readonly exemptions: Exemptions;
}

/** Makes a policy ready to decide by. */
export function activePolicy(document: PolicyDocument): ActivePolicy {
  return { document, digest: policyDigest(document), exemptions: new Exemptions(document.exemptions) };
}

/** The policy of tenants that have none of their own. */
export const usualPolicy = activePolicy(defaultPolicy);
