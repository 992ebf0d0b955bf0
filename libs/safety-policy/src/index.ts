export { type Change, type Comparison, compare, type StoredDecision } from './compare.js';
export { defaultPolicy, offPolicy } from './default-policy.js';
export { evaluate, type Finding, type Judged, type Outcome } from './evaluate.js';
export {
  type PolicyDocument,
  parsePolicyDocument,
  policyDigest,
  policyDocument,
  policyStage,
  readPolicy,
  ruleFor,
  type Stage,
  stages,
} from './policy-document.js';
export { type Action, actions, type Rule, stronger } from './rule.js';
