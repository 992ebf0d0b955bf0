import { harmCategories } from '@darkroom/contracts';
import { type PolicyDocument, parsePolicyDocument } from './policy-document.js';

const fromMedium = { block: 2 };
const fromLow = { block: 1 };

/** What is done for tenants that have no policy of their own. */
export const defaultPolicy: PolicyDocument = parsePolicyDocument({
  version: '2026-11-29',
  stages: {
    prompt: {
      child_safety: fromLow,
      sexual: fromMedium,
      self_harm: fromMedium,
      // Scenes of graphic violence are what `low` is for.
      violence: { block: 2, low: { block: 3 } },
      hate: fromMedium,
      illicit: fromMedium,
      deception: fromMedium,
      trademarks: { warn: 1, block: 2 },
    },
    input_image: {
      child_safety: fromLow,
      sexual: fromMedium,
      self_harm: fromMedium,
      violence: fromMedium,
      hate: fromMedium,
      illicit: fromMedium,
      deception: fromMedium,
      trademarks: { warn: 1 },
    },
    output_image: {
      child_safety: fromLow,
      sexual: fromMedium,
      self_harm: fromMedium,
      violence: fromMedium,
      hate: fromMedium,
      illicit: fromMedium,
      deception: fromMedium,
      trademarks: { warn: 1 },
    },
  },
});

/** What stands in a policy's place for a red team that wants to see what there would be without one. */
export function offPolicy({ version }: PolicyDocument): PolicyDocument {
  const rules = Object.fromEntries(harmCategories.map((category) => [category, category === 'child_safety' ? { block: 1 } : {}]));
  return parsePolicyDocument({ version: `${version}+off`, stages: { prompt: rules, input_image: rules, output_image: rules } });
}
