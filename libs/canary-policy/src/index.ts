export {
  type CanaryJudgement,
  type CanaryThresholds,
  type Comparison,
  defaultThresholds,
  judgeCanary,
  type Outcomes,
} from './judge-canary.js';
export { normalTail, twoProportionZ } from './two-proportions.js';
